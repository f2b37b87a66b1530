-- name: server_version()$
-- The version of the database library.
SELECT sqlite_version() AS version

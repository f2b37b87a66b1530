-- name: server_version()$
-- The version of the database server.
SELECT current_setting('server_version') AS version

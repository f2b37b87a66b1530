-- name: target_schema()$
-- The schema in which tables would be made; SQLite has one.
SELECT 'main' AS schema_name

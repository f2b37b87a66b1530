-- name: target_schema()^
-- The schema where tables would be made; SQLite has one.
SELECT 'main' AS schema_name, 1 AS may_create, NULL AS original_in

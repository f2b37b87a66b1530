-- name: target_schema()$
-- The schema in which tables would be made; None where search_path names none that exists.
SELECT current_schema() AS schema_name

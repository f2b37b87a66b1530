-- name: renamed_columns()
-- A column list of an alias renames the columns by place.
SELECT c.key, c.email, c.name, c.active FROM customers AS c (key, email, name) ORDER BY c.key

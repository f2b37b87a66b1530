-- name: from_functions()
-- Rows of functions of the schema are under no constraint of their tables.
SELECT n.id, n.name, b.id AS best_id, b.name AS best_name FROM nobody() AS n CROSS JOIN best() AS b

-- name: shadowed_table()
-- A CTE of a table's name hides the table.
WITH customers AS (SELECT id, nullif(name, 'Bob') AS name FROM customers)
SELECT c.id, c.name FROM customers AS c ORDER BY c.id

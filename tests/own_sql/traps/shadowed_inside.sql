-- name: shadowed_inside()
-- A CTE within a subquery hides the table there alone.
SELECT c.id, c.name, s.name AS inner_name
FROM customers AS c
JOIN (WITH customers AS (SELECT id, email AS name FROM customers) SELECT id, name FROM customers) AS s ON s.id = c.id
ORDER BY c.id

-- name: joined_values()
-- Customers against a list in the statement.
SELECT v.number, c.name
FROM (VALUES (1), (99)) AS v (number) LEFT JOIN customers AS c ON c.id = v.number
ORDER BY v.number

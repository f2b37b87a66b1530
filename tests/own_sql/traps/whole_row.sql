-- name: whole_row()
-- A row as a value, on the null side.
SELECT c.id, r IS NULL AS none, r.stars, row_to_json(r) ->> 'body' AS body
FROM customers AS c LEFT JOIN reviews AS r ON r.customer_id = c.id
ORDER BY c.id, r.id

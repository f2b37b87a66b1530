-- name: last_amounts()
-- The NOT NULL domain is NULL on the null side of a join.
SELECT c.id, o.total, o.state
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
ORDER BY c.id, o.id

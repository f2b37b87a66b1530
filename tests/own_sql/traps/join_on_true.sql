-- name: join_on_true()
-- An INNER JOIN without a condition after a LEFT JOIN drops nothing.
SELECT c.id, o.id AS order_id, p.code
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id JOIN products AS p ON p.price > 3
ORDER BY c.id, o.id, p.code

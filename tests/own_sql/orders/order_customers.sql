-- name: order_customers()
-- An INNER JOIN keeps both sides.
SELECT o.id, c.name, c.email, o.shipped_at
FROM orders AS o JOIN customers AS c ON c.id = o.customer_id
ORDER BY o.id

-- name: orders_right()
-- A RIGHT JOIN: the left side may be missing.
SELECT o.id AS order_id, o.placed_at, c.id AS customer_id, c.name
FROM orders AS o RIGHT JOIN customers AS c ON c.id = o.customer_id
ORDER BY c.id, o.id

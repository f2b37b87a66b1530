-- name: cross_joined()
-- A comma is a CROSS JOIN; the LEFT JOIN binds to its own table.
SELECT c.id, p.code, o.id AS order_id
FROM products AS p, customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id AND o.state = 'paid'
WHERE p.price > 3
ORDER BY c.id, p.code, o.id

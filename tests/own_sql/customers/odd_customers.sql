-- name: odd_customers()
-- Customers with an odd id.
SELECT id, id % 2 AS rest, email FROM customers WHERE id % 2 = 1 ORDER BY id

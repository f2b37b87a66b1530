-- name: shipped_inner()
-- IS NOT NULL in a subquery, and an INNER JOIN above it.
SELECT c.id, o.shipped_at
FROM customers AS c JOIN (SELECT customer_id, shipped_at FROM orders WHERE shipped_at IS NOT NULL) AS o ON o.customer_id = c.id
ORDER BY c.id

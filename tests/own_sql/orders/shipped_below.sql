-- name: shipped_below()
-- IS NOT NULL below the join proves nothing above it.
SELECT c.id, o.shipped_at
FROM customers AS c LEFT JOIN (SELECT customer_id, shipped_at FROM orders WHERE shipped_at IS NOT NULL) AS o ON o.customer_id = c.id
ORDER BY c.id

-- name: shipped_on()
-- IS NOT NULL in ON proves nothing either.
SELECT c.id, o.shipped_at
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id AND o.shipped_at IS NOT NULL
ORDER BY c.id, o.id

-- name: shipped_orders()
-- WHERE … IS NOT NULL above a LEFT JOIN, on a column of the null side.
SELECT c.id, o.id AS order_id, o.shipped_at AS sent_at, o.coupon
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
WHERE o.shipped_at IS NOT NULL
ORDER BY c.id, o.id

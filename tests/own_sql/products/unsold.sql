-- name: unsold()
-- Products that no order has: the null side is NULL throughout.
SELECT p.code, p.title, l.order_id
FROM products AS p LEFT JOIN order_lines AS l ON l.code = p.code
WHERE l.order_id IS NULL
ORDER BY p.code

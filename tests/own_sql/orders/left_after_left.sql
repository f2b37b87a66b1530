-- name: left_after_left()
-- Two LEFT JOINs in a row.
SELECT c.id, o.id AS order_id, l.line_no, p.title
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
LEFT JOIN order_lines AS l ON l.order_id = o.id
LEFT JOIN products AS p ON p.code = l.code
ORDER BY c.id, o.id, l.line_no

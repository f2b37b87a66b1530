-- name: join_on_or()
-- An INNER JOIN whose condition holds without the null side too.
SELECT c.id, o.id AS order_id, l.line_no
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
JOIN order_lines AS l ON l.order_id = o.id OR l.line_no = 1
ORDER BY c.id, o.id, l.order_id, l.line_no

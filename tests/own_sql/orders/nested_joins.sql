-- name: nested_joins()
-- An INNER JOIN in brackets on the null side.
SELECT c.id, o.id AS order_id, l.line_no
FROM customers AS c
LEFT JOIN (orders AS o JOIN order_lines AS l ON l.order_id = o.id) ON o.customer_id = c.id
ORDER BY c.id, o.id, l.line_no

-- name: inner_after_left()
-- A strict comparison of a later INNER JOIN drops the rows of the null side.
SELECT c.id, o.id AS order_id, o.coupon, l.line_no, l.quantity
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
JOIN order_lines AS l ON l.order_id = o.id
ORDER BY c.id, o.id, l.line_no

-- name: right_after_left()
-- A RIGHT JOIN above a LEFT JOIN makes both tables before it nullable.
SELECT c.id AS customer_id, o.id AS order_id, l.order_id AS line_order, l.line_no
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
RIGHT JOIN order_lines AS l ON l.order_id = o.id AND o.state = 'paid'
ORDER BY l.order_id, l.line_no

-- name: aliased_join()
-- An alias for a join in brackets.
SELECT c.id, j.line_no, j.state
FROM customers AS c
LEFT JOIN (orders AS o JOIN order_lines AS l ON l.order_id = o.id) AS j ON j.customer_id = c.id
ORDER BY c.id, j.line_no

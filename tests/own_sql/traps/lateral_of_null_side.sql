-- name: lateral_of_null_side()
-- An INNER LATERAL that only repeats what the null side gave.
SELECT c.id, l.order_id
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
CROSS JOIN LATERAL (SELECT o.id AS order_id) AS l
ORDER BY c.id, l.order_id

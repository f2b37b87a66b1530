-- name: lateral_with_condition()
-- An ungrouped count under LEFT JOIN LATERAL … ON a condition may be missing.
SELECT c.id, n.orders
FROM customers AS c
LEFT JOIN LATERAL (SELECT count(*) AS orders FROM orders WHERE customer_id = c.id) AS n ON n.orders > 0
ORDER BY c.id

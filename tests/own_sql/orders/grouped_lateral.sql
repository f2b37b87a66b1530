-- name: grouped_lateral()
-- A grouped count in LATERAL has no row where there is nothing to count.
SELECT c.id, n.orders, n.state
FROM customers AS c
LEFT JOIN LATERAL (SELECT state, count(*) AS orders FROM orders WHERE customer_id = c.id GROUP BY state) AS n ON true
ORDER BY c.id, n.state

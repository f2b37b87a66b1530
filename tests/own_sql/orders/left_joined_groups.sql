-- name: left_joined_groups()
-- A grouped subquery on the null side: also its count is NULL.
SELECT c.id, g.orders, coalesce(g.orders, 0) AS orders_or_zero
FROM customers AS c LEFT JOIN (SELECT customer_id, count(*) AS orders FROM orders GROUP BY customer_id) AS g ON g.customer_id = c.id
ORDER BY c.id

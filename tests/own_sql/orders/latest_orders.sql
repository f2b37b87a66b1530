-- name: latest_orders()
-- The latest order of each customer, by LATERAL.
SELECT c.id, o.order_id, o.placed_at, n.orders
FROM customers AS c
LEFT JOIN LATERAL (
  SELECT id AS order_id, placed_at FROM orders WHERE customer_id = c.id ORDER BY placed_at DESC, id LIMIT 1
) AS o ON true
LEFT JOIN LATERAL (SELECT count(*) AS orders FROM orders WHERE customer_id = c.id) AS n ON true
ORDER BY c.id

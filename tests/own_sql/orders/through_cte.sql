-- name: through_cte()
-- The null side of a join read through a CTE.
WITH joined AS (
  SELECT c.id, o.placed_at, o.coupon FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
), plain AS (
  SELECT id AS order_id, placed_at, customer_id FROM orders
)
SELECT j.id, j.placed_at, p.order_id, coalesce(j.placed_at, p.placed_at) AS moment
FROM joined AS j JOIN plain AS p ON p.customer_id = j.id
ORDER BY j.id, p.order_id, j.placed_at

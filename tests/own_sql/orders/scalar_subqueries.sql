-- name: scalar_subqueries()
-- A scalar subquery without a row is NULL; an ungrouped count always has one.
SELECT
  c.id,
  (SELECT o.placed_at FROM orders AS o WHERE o.customer_id = c.id ORDER BY o.id LIMIT 1) AS first_order,
  (SELECT count(*) FROM orders AS o WHERE o.customer_id = c.id) AS orders,
  (SELECT count(*) FROM orders AS o WHERE o.customer_id = c.id GROUP BY o.state LIMIT 1) AS orders_of_a_state,
  (SELECT count(*) FROM orders AS o WHERE o.customer_id = c.id HAVING count(*) > 1) AS several,
  (SELECT count(*) FROM orders AS o WHERE o.customer_id = c.id OFFSET 1) AS none_at_all,
  (SELECT coalesce(sum(o.total), 0) FROM orders AS o WHERE o.customer_id = c.id) AS spent,
  (SELECT max(o.placed_at) FROM orders AS o WHERE o.customer_id = c.id) AS latest,
  coalesce((SELECT o.coupon FROM orders AS o WHERE o.customer_id = c.id AND o.state = 'paid' LIMIT 1), 'none') AS coupon
FROM customers AS c
ORDER BY c.id

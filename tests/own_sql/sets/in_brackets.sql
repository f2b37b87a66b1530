-- name: in_brackets()
-- A set operation within a CTE, and a LEFT JOIN within one branch.
WITH all_ids AS (
  (SELECT o.customer_id AS id, o.id AS order_id FROM orders AS o)
  UNION ALL
  (SELECT c.id, o.id FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id)
)
SELECT id, order_id, count(*) AS times FROM all_ids GROUP BY id, order_id ORDER BY id, order_id

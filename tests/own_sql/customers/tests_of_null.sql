-- name: tests_of_null()
-- Predicates that are never NULL, and some that may be.
SELECT
  id,
  email IS NULL AS missing,
  active IS TRUE AS on_duty,
  email IS DISTINCT FROM name AS differs,
  email = name AS same,
  active AND (email IS NULL) AS both_known,
  active OR born > '2000-01-01' AS either,
  NOT active AS off_duty,
  NOT (born > '2000-01-01') AS older,
  id BETWEEN 1 AND 3 AS early,
  referred_by BETWEEN 1 AND 3 AS referred_early,
  EXISTS (SELECT FROM orders AS o WHERE o.customer_id = c.id) AS has_orders
FROM customers AS c
ORDER BY id

-- name: through_subquery()
-- A star over a subquery with a LEFT JOIN.
SELECT s.* FROM (
  SELECT c.id, c.name, o.state, o.total FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
) AS s
ORDER BY s.id, s.state

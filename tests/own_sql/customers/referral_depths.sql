-- name: referral_depths()
-- How far each customer is from one that nobody referred.
WITH RECURSIVE chain AS (
  SELECT id, name, 0 AS depth, name AS first_name, id AS parent
  FROM customers
  WHERE referred_by IS NULL
  UNION ALL
  SELECT c.id, c.name, chain.depth + 1, chain.first_name, c.referred_by
  FROM customers AS c JOIN chain ON chain.id = c.referred_by
)
SELECT id, name, depth, first_name, parent FROM chain ORDER BY id

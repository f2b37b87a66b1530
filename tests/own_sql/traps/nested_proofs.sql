-- name: nested_proofs()
-- A proof in a subquery that an outer join undoes, and one above it that restores it.
SELECT s.id, s.email, s.born
FROM (
  SELECT c.id, k.email, k.born
  FROM customers AS c LEFT JOIN (SELECT id, email, born FROM customers WHERE email IS NOT NULL AND born IS NOT NULL) AS k ON k.id = c.id
) AS s
WHERE s.born IS NOT NULL
ORDER BY s.id

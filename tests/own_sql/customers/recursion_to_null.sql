-- name: recursion_to_null()
-- A recursive branch that brings NULL into a column that begins without.
WITH RECURSIVE steps AS (
  SELECT 1 AS step, CAST('a' AS text) AS note
  UNION ALL
  SELECT s.step + 1, c.email FROM steps AS s JOIN customers AS c ON c.id = s.step WHERE s.step < 5
)
SELECT step, note FROM steps ORDER BY step

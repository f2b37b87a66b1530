-- name: quoted_proof()
-- IS NOT NULL of one of two columns that differ by capitals.
SELECT "Value" AS upper_value, "order by" AS sort_value FROM odds WHERE value IS NOT NULL ORDER BY value

-- name: same_counts()$
-- A set operation of single rows may be empty.
SELECT count(*) AS rows_of_both FROM customers INTERSECT SELECT count(*) FROM odds

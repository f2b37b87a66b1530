-- name: grouped_nothing()$
-- GROUP BY of an empty table has no group.
SELECT count(*) AS customers FROM customers WHERE id < 0 GROUP BY active

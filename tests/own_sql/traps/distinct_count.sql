-- name: distinct_count()$
-- DISTINCT keeps the one row.
SELECT DISTINCT count(*) AS customers FROM customers

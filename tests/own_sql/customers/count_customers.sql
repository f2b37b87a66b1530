-- name: count_customers()$
-- How many customers there are.
SELECT count(*) AS customers FROM customers

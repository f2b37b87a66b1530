-- name: count_busy_customers()$
-- How many customers there are, where there are more than three; else None.
SELECT count(*) AS customers FROM customers HAVING count(*) > 3

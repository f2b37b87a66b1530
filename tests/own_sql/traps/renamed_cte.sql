-- name: renamed_cte()
-- A column list of a CTE renames the columns by place.
WITH c (name, email) AS (SELECT email, name FROM customers)
SELECT name, email FROM c ORDER BY email

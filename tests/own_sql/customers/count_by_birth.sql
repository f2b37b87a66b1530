-- name: count_by_birth()
SELECT born, count(*) AS customers, count(email) AS reachable, min(name) AS first_name, max(email) AS last_email
FROM customers
GROUP BY born
ORDER BY born NULLS LAST

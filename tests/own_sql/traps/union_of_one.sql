-- name: union_of_one()$
-- One of two constants.
SELECT 'a' AS letter UNION ALL SELECT email FROM customers WHERE id = 2 ORDER BY 1 DESC LIMIT 1

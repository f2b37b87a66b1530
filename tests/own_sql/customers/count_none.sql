-- name: count_none()$
-- A count whose row LIMIT cuts away.
SELECT count(*) AS customers FROM customers LIMIT 0

-- name: intersection()
-- Customers that reviewed and ordered: an INTERSECT of a nullable and a NOT NULL column.
SELECT customer_id FROM reviews
INTERSECT
SELECT customer_id FROM orders
ORDER BY 1

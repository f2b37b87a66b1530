-- name: nullable_exclusion()
-- EXCEPT from a nullable column.
SELECT referred_by FROM customers
EXCEPT
SELECT customer_id FROM orders
ORDER BY 1

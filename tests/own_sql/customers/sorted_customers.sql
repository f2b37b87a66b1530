-- name: sorted_customers(sort)
-- Customers in an order that the caller names.
-- param sort: Literal["name", "email"]
SELECT id, name, email
FROM customers
ORDER BY CASE :sort::text WHEN 'name' THEN name WHEN 'email' THEN email END, id

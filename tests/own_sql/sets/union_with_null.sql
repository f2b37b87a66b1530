-- name: union_with_null()
-- One branch is NULL.
SELECT id AS number, name AS called FROM customers
UNION
SELECT NULL, title FROM products
ORDER BY 1, 2

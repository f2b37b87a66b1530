-- name: union_of_names()
-- Names of customers and titles of products.
SELECT 'customer' AS kind, name AS called, email AS extra FROM customers
UNION ALL
SELECT 'product', title, code FROM products
ORDER BY 1, 2, 3

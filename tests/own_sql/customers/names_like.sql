-- name: names_like(pattern)
-- Customers whose name matches a pattern, or begins with a D; a bare percent sign stands in the SQL.
SELECT id, name, email FROM customers WHERE name LIKE :pattern OR name LIKE 'D%' ORDER BY id

-- name: whole_homes()
-- Customers whose address is complete.
SELECT id, home FROM customers WHERE home IS NOT NULL ORDER BY id

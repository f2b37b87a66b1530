-- name: with_email_or_birthday()
-- Customers of whom something is known.
SELECT id, email, born FROM customers WHERE email IS NOT NULL OR born IS NOT NULL ORDER BY id

-- name: with_email()
-- Customers that have an e-mail.
SELECT id, email, born FROM customers WHERE email IS NOT NULL AND active ORDER BY id

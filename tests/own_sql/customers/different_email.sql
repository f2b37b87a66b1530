-- name: different_email(email)
-- Customers with another e-mail than this one.
SELECT id, email FROM customers WHERE email IS DISTINCT FROM :email::text ORDER BY id

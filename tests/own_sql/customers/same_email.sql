-- name: same_email(email)
-- Customers with this e-mail; those without one for None.
SELECT id, email FROM customers WHERE email IS NOT DISTINCT FROM :email ORDER BY id

-- name: by_email(email)^
-- The customer with this e-mail.
SELECT id, email, born FROM customers WHERE email = :email

-- name: add_customer_once(name, email)^
-- The new customer; None where the e-mail is taken.
INSERT INTO customers (name, email) VALUES (:name, :email)
ON CONFLICT (email) DO NOTHING
RETURNING id, name, email, created_at

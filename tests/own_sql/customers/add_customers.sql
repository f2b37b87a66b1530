-- name: add_customers(name, email)*!
-- The number of customers added.
INSERT INTO customers (name, email) VALUES (:name, :email)

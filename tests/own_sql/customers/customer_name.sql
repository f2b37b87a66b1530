-- name: customer_name(id)$
-- The name of a customer; None where there is none.
SELECT name FROM customers WHERE id = :id

-- name: get_customer(id)^
-- One customer by id; None where there is none.
SELECT id, name, email FROM customers WHERE id = :id

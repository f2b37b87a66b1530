-- name: add_customer(name, email, born, home_city, active)$
-- The id of a new customer.
INSERT INTO customers (name, email, born, notes, active)
VALUES (:name, :email, :born, json_build_object('city', :home_city::text), :active)
RETURNING id

-- name: put_customer(name, email, born)^
-- The customer with this e-mail, new or changed.
INSERT INTO customers AS c (name, email, born) VALUES (:name, :email, :born)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name, born = coalesce(EXCLUDED.born, c.born)
RETURNING id, name, email, born

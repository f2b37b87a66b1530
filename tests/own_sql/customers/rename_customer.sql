-- name: rename_customer(name, email)$
-- The id of the customer whose name changed; None where it was that already.
INSERT INTO customers AS c (name, email) VALUES (:name, :email)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name WHERE c.name <> EXCLUDED.name
RETURNING id

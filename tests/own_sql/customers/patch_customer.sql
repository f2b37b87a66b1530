-- name: patch_customer(id, name, email)
-- The customer after a change of what is given.
UPDATE customers SET name = coalesce(:name, name), email = coalesce(:email, email) WHERE id = :id
RETURNING id, name, email

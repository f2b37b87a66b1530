-- name: set_birthday(id, born)^
-- The customer after the change.
UPDATE customers SET born = CAST(:born AS date) WHERE id = :id RETURNING id, name, born

-- name: set_email(id, email, tags)!
-- The number of customers changed.
UPDATE customers SET email = :email, tags = :tags WHERE id = :id

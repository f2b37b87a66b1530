-- name: set_notes(id, notes, profile)!
-- The number of customers changed.
UPDATE customers SET notes = :notes, profile = :profile WHERE id = :id

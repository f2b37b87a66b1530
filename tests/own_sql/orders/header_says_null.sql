-- name: header_says_null()
-- The header's word goes before the proof.
-- returns: name?
SELECT id, name FROM customers ORDER BY id

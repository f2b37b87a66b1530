-- name: one_set()
-- One set in the select list.
SELECT id, generate_series(1, 2) AS number FROM customers ORDER BY id, number

-- name: series(number)$
-- A function that may give no row at all.
SELECT generate_series(1, :number::integer) AS first_number

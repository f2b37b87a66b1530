-- name: one_of_values()^
-- The one row of VALUES.
VALUES (1, CAST(NULL AS text))

-- name: uneven_sets()
-- Two sets in one select list: the shorter is filled with NULL.
SELECT generate_series(1, 2) AS number, unnest(ARRAY['a', 'b', 'c']) AS letter

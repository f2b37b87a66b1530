-- name: counts_of_sets()^
-- An ungrouped aggregate beside a set-returning function: as many rows as the set.
SELECT count(*) AS customers, unnest(ARRAY[]::integer[]) AS item FROM customers

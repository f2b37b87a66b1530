-- name: one_if(flag)$
-- A SELECT without FROM that WHERE may cut.
SELECT 1 AS one WHERE :flag::boolean

-- name: coalesced_comparison()
-- A comparison within a function that takes NULL.
SELECT id, email, born FROM customers WHERE coalesce(email = 'x', true) AND (born > '1900-01-01') IS NOT FALSE ORDER BY id

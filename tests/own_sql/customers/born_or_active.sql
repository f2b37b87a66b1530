-- name: born_or_active(since)
-- The same operator under OR proves nothing.
SELECT id, born FROM customers WHERE born >= :since OR active ORDER BY id

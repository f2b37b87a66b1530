-- name: born_between(since, until)
-- Customers born in a range of days.
SELECT id, born, email FROM customers WHERE born >= :since AND born < :until ORDER BY id

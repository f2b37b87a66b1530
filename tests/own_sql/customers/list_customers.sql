-- name: list_customers()
-- All customers.
SELECT id, name, email, born, home, tags, scores, profile, notes, active, referred_by, created_at
FROM customers
ORDER BY id

-- name: referred_only()
-- IS NOT NULL above the join, on another alias's column of the same name.
SELECT c.id, r.email AS referrer_email, c.email, r.name AS referrer
FROM customers AS c LEFT JOIN customers AS r ON r.id = c.referred_by
WHERE c.email IS NOT NULL
ORDER BY c.id

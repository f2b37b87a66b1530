-- name: referrers()
-- Customers with those who referred them: a LEFT JOIN of a table with itself.
SELECT c.id, c.name, r.name AS referrer, r.email AS referrer_email, c.referred_by
FROM customers AS c LEFT JOIN customers AS r ON r.id = c.referred_by
ORDER BY c.id

-- name: quoted_alias()
-- Aliases that differ by capitals.
SELECT c.id, "C".id AS referrer_id
FROM customers AS c LEFT JOIN customers AS "C" ON "C".id = c.referred_by
ORDER BY c.id

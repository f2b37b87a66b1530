-- name: natural_full()
-- A NATURAL FULL JOIN.
SELECT code, title, stars FROM products NATURAL FULL JOIN (SELECT code, stars FROM reviews) AS r ORDER BY code, stars

-- name: using_left()
-- USING with a LEFT JOIN takes the left side's column.
SELECT code, title, r.stars
FROM products AS p LEFT JOIN reviews AS r USING (code)
ORDER BY code, r.id

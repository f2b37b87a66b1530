-- name: using_full_keys()
-- USING with a FULL JOIN of two NOT NULL columns.
SELECT code, r.stars, p.title
FROM reviews AS r FULL JOIN products AS p USING (code)
ORDER BY code, r.id

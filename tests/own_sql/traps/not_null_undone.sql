-- name: not_null_undone()
-- IS NOT NULL within other conditions.
SELECT id, email, born, referred_by
FROM customers
WHERE (email IS NOT NULL) IS NOT TRUE AND (born IS NOT NULL) IN (true, false) AND coalesce(referred_by IS NOT NULL, true) IS NOT NULL
ORDER BY id

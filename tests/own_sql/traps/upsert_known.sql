-- name: upsert_known(name, email)
-- WHERE of DO UPDATE speaks of the row before too, and not at all of a new row.
INSERT INTO customers AS c (name, email) VALUES (:name, :email)
ON CONFLICT (email) DO UPDATE SET email = NULL, name = EXCLUDED.name WHERE c.email IS NOT NULL AND c.active
RETURNING id, name, email, active

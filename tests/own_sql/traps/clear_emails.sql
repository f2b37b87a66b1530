-- name: clear_emails(born)
-- WHERE speaks of the row before the UPDATE, RETURNING of the row after it.
UPDATE customers SET email = NULL, born = :born WHERE email IS NOT NULL AND born IS NOT NULL AND referred_by IS NULL
RETURNING id, email, born, name

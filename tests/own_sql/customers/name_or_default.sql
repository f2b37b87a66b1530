-- name: name_or_default(fallback)
-- E-mails, with a default for those without one.
SELECT id, coalesce(email, :fallback) AS shown, coalesce(email, name) AS called, coalesce(email, CAST(born AS text)) AS known
FROM customers
ORDER BY id

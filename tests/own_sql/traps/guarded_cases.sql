-- name: guarded_cases()
-- WHEN tests that do not guard what THEN gives.
SELECT
  id,
  CASE WHEN email IS NOT NULL OR active THEN email ELSE name END AS guarded_by_or,
  CASE WHEN email IS NULL THEN email ELSE name END AS guarded_wrongly,
  CASE WHEN email IS NULL THEN name ELSE email END AS guarded_by_else,
  CASE WHEN born IS NOT NULL THEN email ELSE name END AS guarded_other
FROM customers
ORDER BY id

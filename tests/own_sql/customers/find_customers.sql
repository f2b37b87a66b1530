-- name: find_customers(name, born_after, active)
-- Customers by optional filters.
SELECT id, name, born
FROM customers
WHERE (:name::text IS NULL OR name = :name)
  AND (CAST(:born_after AS date) IS NULL OR born > :born_after)
  AND (:active::boolean IS NULL OR active = :active)
ORDER BY id

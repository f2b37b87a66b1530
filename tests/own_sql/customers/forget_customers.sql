-- name: forget_customers(email)
-- What was removed.
DELETE FROM customers AS c
WHERE c.email = :email AND NOT EXISTS (SELECT FROM orders AS o WHERE o.customer_id = c.id)
  AND NOT EXISTS (SELECT FROM customers AS r WHERE r.referred_by = c.id)
RETURNING c.id, c.email, c.born

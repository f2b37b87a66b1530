-- name: with_contact()
-- Customers where NOT (… IS NULL) excludes NULL.
SELECT id, email, referred_by FROM customers WHERE NOT (email IS NULL) ORDER BY id

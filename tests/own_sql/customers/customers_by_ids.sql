-- name: customers_by_ids(ids)
-- The customers with these ids.
SELECT id, name, email FROM customers WHERE id = ANY(:ids) ORDER BY id

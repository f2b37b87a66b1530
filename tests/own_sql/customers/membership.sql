-- name: membership(wanted)
-- IN and ANY over lists with and without NULL.
SELECT
  id,
  id IN (1, 2) AS in_list,
  id IN (1, NULL) AS in_null_list,
  referred_by IN (1, 2) AS referred_in_list,
  id IN (SELECT referred_by FROM customers) AS in_nullable,
  id NOT IN (SELECT referred_by FROM customers) AS not_in_nullable,
  id IN (SELECT customer_id FROM orders) AS in_not_null,
  name = ANY(tags) AS in_array,
  id = ANY(:wanted::integer[]) AS wanted_id
FROM customers
ORDER BY id

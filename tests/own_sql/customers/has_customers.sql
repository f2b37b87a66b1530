-- name: has_customers()$
-- Whether there are customers.
SELECT EXISTS (SELECT FROM customers) AS found

-- name: page_of_customers(page_size, skip)
-- One page of the customers.
SELECT id, name FROM customers ORDER BY id LIMIT :page_size OFFSET :skip

-- name: newest_customer()$
-- When the latest customer came; None where there are none.
SELECT max(created_at) AS newest FROM customers

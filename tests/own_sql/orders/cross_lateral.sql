-- name: cross_lateral()
-- CROSS JOIN LATERAL keeps what its subquery gives.
SELECT c.id, o.placed_at, o.coupon
FROM customers AS c CROSS JOIN LATERAL (SELECT placed_at, coupon FROM orders WHERE customer_id = c.id) AS o
ORDER BY c.id, o.placed_at

-- name: place_order(customer_id, state, total, coupon, shipped_at)^
-- The new order.
INSERT INTO orders (customer_id, state, total, coupon, shipped_at) VALUES (:customer_id, :state, :total, :coupon, :shipped_at)
RETURNING id, customer_id, state, previous_state, total, coupon, shipped_at, token

-- name: list_orders(state)
-- Orders in one state.
SELECT id, customer_id, state, previous_state, placed_at, shipped_at, local_time, pickup, wait, coupon, token
FROM orders
WHERE state = :state
ORDER BY id

-- name: advance_order(id, state)$
-- The state before; None where there is no such order, or it had none.
UPDATE orders SET previous_state = state, state = :state WHERE id = :id RETURNING previous_state

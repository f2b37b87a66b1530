-- name: own_functions()
-- Functions of the schema, one with a built-in's name.
SELECT id, half(id::integer) AS half_id, upper(state) AS loud_state, current_setting('shop.none', true) AS setting FROM orders ORDER BY id

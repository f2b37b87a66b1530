-- name: order_amounts()
-- A column of a NOT NULL domain: its table does not say NOT NULL.
SELECT id, total FROM orders ORDER BY id

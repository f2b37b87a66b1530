-- name: copy_lines(from_order, to_order)
-- Lines copied from one order to another.
INSERT INTO order_lines (order_id, line_no, code, quantity)
SELECT :to_order, l.line_no, l.code, l.quantity FROM order_lines AS l WHERE l.order_id = :from_order
ON CONFLICT DO NOTHING
RETURNING order_id, line_no, code, quantity

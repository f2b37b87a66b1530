-- name: add_line(order_id, code, quantity)$
-- The number of the new line; the statement has one row whether or not there were lines.
INSERT INTO order_lines (order_id, line_no, code, quantity)
VALUES (:order_id, (SELECT coalesce(max(line_no), 0) + 1 FROM order_lines WHERE order_id = :order_id), :code, :quantity)
RETURNING line_no

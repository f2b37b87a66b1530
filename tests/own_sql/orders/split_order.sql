-- name: split_order(id)
-- A data-modifying CTE, its rows on the null side of a join.
WITH moved AS (
  DELETE FROM order_lines WHERE order_id = :id AND line_no > 1 RETURNING order_id, line_no, code, quantity
)
SELECT o.id, o.state, m.line_no, m.quantity
FROM orders AS o LEFT JOIN moved AS m ON m.order_id = o.id
WHERE o.id = :id
ORDER BY m.line_no

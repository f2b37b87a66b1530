-- name: read_view()
-- Columns of a view: the catalogue says nothing of them, the header of one.
-- returns: lines!
SELECT order_id, customer_id, lines, pieces FROM order_totals ORDER BY order_id

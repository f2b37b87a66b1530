-- name: drop_lines(code)
-- Lines removed, with the names of what they sold.
DELETE FROM order_lines AS l USING products AS p WHERE p.code = l.code AND p.code = :code::text
RETURNING l.order_id, l.quantity, p.title, l.unit_price, l.code

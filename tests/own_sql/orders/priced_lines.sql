-- name: priced_lines()
-- UPDATE … FROM a LEFT JOIN: what the null side gives to RETURNING may be NULL.
UPDATE order_lines AS l SET unit_price = s.price
FROM (SELECT x.order_id, x.line_no, p.price, p.title FROM order_lines AS x LEFT JOIN products AS p ON p.code = x.code) AS s
WHERE s.order_id = l.order_id AND s.line_no = l.line_no
RETURNING l.order_id, l.line_no, l.unit_price, s.title, s.line_no AS read_no

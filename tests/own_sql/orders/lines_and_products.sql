-- name: lines_and_products()
-- A FULL JOIN: either side may be missing.
SELECT l.order_id, l.line_no, p.code, p.title
FROM order_lines AS l FULL JOIN products AS p ON p.code = l.code
ORDER BY l.order_id, l.line_no, p.code

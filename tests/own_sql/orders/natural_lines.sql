-- name: natural_lines()
-- A NATURAL JOIN on the code.
SELECT code, l.line_no, p.title
FROM order_lines AS l NATURAL JOIN products AS p
ORDER BY code, l.order_id, l.line_no

-- name: using_right()
-- USING with a RIGHT JOIN takes the right side's column.
SELECT code, l.line_no, p.title
FROM order_lines AS l RIGHT JOIN products AS p USING (code)
ORDER BY code, l.order_id, l.line_no

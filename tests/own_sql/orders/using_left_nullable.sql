-- name: using_left_nullable()
-- USING with a LEFT JOIN whose left column is nullable.
SELECT code, l.line_no, p.title
FROM order_lines AS l LEFT JOIN products AS p USING (code)
ORDER BY l.order_id, l.line_no

-- name: using_full()
-- USING with a FULL JOIN takes the one that is there; order_lines has NULL codes.
SELECT code, l.line_no, p.title
FROM order_lines AS l FULL JOIN products AS p USING (code)
ORDER BY code, l.order_id, l.line_no

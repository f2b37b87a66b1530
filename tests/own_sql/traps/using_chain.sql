-- name: using_chain()
-- A merged column that is merged again.
SELECT code, p.title, x.line_no
FROM reviews AS r LEFT JOIN products AS p USING (code) RIGHT JOIN order_lines AS x USING (code)
ORDER BY x.order_id, x.line_no, r.id

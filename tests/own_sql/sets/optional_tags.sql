-- name: optional_tags()
-- Sets from functions on the null side.
SELECT c.id, n.number, t.tag
FROM customers AS c
LEFT JOIN generate_series(2, 3) AS n (number) ON n.number = c.id
LEFT JOIN LATERAL unnest(c.tags) AS t (tag) ON true
ORDER BY c.id, n.number, t.tag

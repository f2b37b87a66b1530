-- name: numbers_and_tags()
-- Sets from functions.
SELECT c.id, t.tag, t.place, n.number
FROM customers AS c
CROSS JOIN unnest(c.tags) WITH ORDINALITY AS t (tag, place)
CROSS JOIN generate_series(1, 2) AS n (number)
ORDER BY c.id, t.place, n.number

-- name: product_labels()
-- Rows of a syntax that few parsers know.
SELECT p.code, t.n, t.word
FROM products AS p
CROSS JOIN ROWS FROM (generate_series(1, 3), unnest(ARRAY['a', 'b'])) AS t (n, word)
ORDER BY p.code, t.n

-- name: rolled_up_expression()
-- A group key under ROLLUP stays NULL within an expression; one outside the ROLLUP does not become NULL.
SELECT "class" AS product_class, title || '!' AS loud_title, count(*) AS products
FROM products
GROUP BY "class", ROLLUP (title)
ORDER BY 1, 2

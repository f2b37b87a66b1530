-- name: rollup_by_alias()
-- ROLLUP of a column by its alias.
SELECT title || '!' AS loud, count(*) AS products, min(price) AS cheapest FROM products GROUP BY ROLLUP (loud) ORDER BY 1

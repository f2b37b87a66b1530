-- name: rollup_by_place()
-- ROLLUP of a column by its number, and by its alias.
SELECT "class" AS product_class, count(*) AS products FROM products GROUP BY ROLLUP (1) ORDER BY 1

-- name: rolled_up_inside()
-- The subtotal's NULL comes through a subquery.
SELECT s.product_class, s.products, coalesce(s.product_class, 'all') AS shown
FROM (SELECT "class" AS product_class, count(*) AS products FROM products GROUP BY ROLLUP ("class")) AS s
ORDER BY 1

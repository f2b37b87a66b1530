-- name: cubed_products()
-- Figures per class and stock in all directions.
SELECT "class" AS product_class, "count" AS stock, count(*) AS products
FROM products
GROUP BY CUBE ("class", "count")
ORDER BY 1, 2

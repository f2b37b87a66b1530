-- name: rolled_up_products()
-- Figures per class and stock, with subtotals.
SELECT "class" AS product_class, "count" AS stock, count(*) AS products, sum(price) AS worth, grouping("class") AS subtotal
FROM products
GROUP BY ROLLUP ("class", "count")
ORDER BY 1, 2

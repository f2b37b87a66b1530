-- name: grouping_sets()
-- Figures per class, and per stock.
SELECT p."class" AS product_class, p."count" AS stock, count(*) AS products
FROM products AS p
GROUP BY GROUPING SETS ((p."class"), (p."count"))
ORDER BY 1, 2

-- name: window_of_groups()
-- Windows over groups, and with FILTER.
SELECT
  "class" AS product_class,
  sum(count(*)) OVER () AS all_products,
  lag(count(*)) OVER (ORDER BY "class") AS products_before,
  sum(min(price)) FILTER (WHERE "class" = 'B') OVER (ORDER BY "class") AS dear,
  count(*) FILTER (WHERE "class" = 'B') OVER () AS b_classes,
  corr(price, "count") AS correlation,
  var_pop(price) AS variance
FROM products
GROUP BY "class"
ORDER BY 1

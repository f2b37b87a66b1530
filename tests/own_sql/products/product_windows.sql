-- name: product_windows()
-- Window functions.
SELECT
  code,
  row_number() OVER by_code AS row_no,
  rank() OVER by_code AS place,
  dense_rank() OVER by_code AS dense_place,
  percent_rank() OVER by_code AS relative,
  ntile(2) OVER by_code AS half,
  count(*) OVER () AS products,
  lag(title) OVER by_code AS title_before,
  lead(title) OVER by_code AS title_after,
  lag(price, 1, 0) OVER by_code AS price_before,
  lag(price, 3, discount) OVER by_code AS price_or_discount,
  lag(discount, 1, 0) OVER by_code AS discount_before,
  nth_value(title, 3) OVER by_code AS third_title,
  sum(price) OVER by_code AS running,
  sum(price) OVER (ORDER BY code ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS price_just_before,
  sum(price) OVER (PARTITION BY "class" ORDER BY code ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) AS others,
  max(discount) OVER () AS most_discount
FROM products
WINDOW by_code AS (ORDER BY code)
ORDER BY code

-- name: product_arithmetic()
-- Arithmetic, comparison, and division that may be by NULL.
SELECT
  code,
  price * 2 AS double_price,
  price - discount AS reduced,
  -price AS negative,
  price > 3 AS dear,
  price > discount AS above_discount,
  price / nullif("count", 0) AS price_a_piece,
  100.0 * "count" / (1 + "count") AS share,
  coalesce(discount, 0) + price AS with_discount,
  round(price) AS rounded,
  abs(discount) AS absolute,
  CAST(price AS integer) AS whole
FROM products
ORDER BY code

-- name: list_products()
-- The products, with other names for columns that Python could not hold.
SELECT code, title, price, discount, weight, season, on_sale, "Odd Name" AS odd_name, "class" AS product_class, "count" AS stock,
  picture, gross, label
FROM products
ORDER BY code

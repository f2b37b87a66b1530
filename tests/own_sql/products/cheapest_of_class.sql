-- name: cheapest_of_class()
-- The cheapest product of each class.
SELECT DISTINCT ON ("class") "class" AS product_class, code, price, discount
FROM products
ORDER BY "class", price, code

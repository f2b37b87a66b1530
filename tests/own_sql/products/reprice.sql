-- name: reprice(factor, only_class)
-- The products with their new prices; of one class, or of all for None.
UPDATE products SET price = price * :factor WHERE :only_class::text IS NULL OR "class" = :only_class
RETURNING code, price, discount

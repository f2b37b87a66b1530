-- name: copy_products()#
-- Products in bulk.
-- copy: products(code, title, price, discount)
ANALYZE products;

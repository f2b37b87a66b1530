-- name: put_product(code, title, price, discount, weight, stock, picture)^
-- The product after it was stored; a weight of None keeps the old one.
INSERT INTO products AS p (code, title, price, discount, weight, "count", picture)
VALUES (:code, :title, :price, :discount, :weight, :stock, :picture)
ON CONFLICT (code) DO UPDATE SET
  title = EXCLUDED.title, price = EXCLUDED.price, discount = EXCLUDED.discount, weight = coalesce(EXCLUDED.weight, p.weight)
RETURNING code, title, price, discount, weight, gross, label

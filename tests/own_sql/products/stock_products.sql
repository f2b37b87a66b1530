-- name: stock_products(codes, stocks)
-- The products whose stock was set, in one statement.
-- batch: unnest
UPDATE products AS p SET "count" = n.stock
FROM (SELECT code, stock FROM unnest(:codes::text[], :stocks::integer[]) AS t (code, stock) ORDER BY code) AS n
WHERE p.code = n.code
RETURNING p.code, p."count" AS stock

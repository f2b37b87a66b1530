-- name: product_with_season(season)
-- Products with exactly this season.
SELECT code, title FROM products WHERE season = :season::daterange ORDER BY code

-- name: product_seasons()
-- Bounds of ranges and parts of infinite times are NULL though their columns are not.
SELECT
  code,
  lower(season) AS season_start,
  upper(season) AS season_end,
  isempty(season) AS no_season,
  season @> DATE '2026-02-01' AS in_season,
  on_sale && season AS overlap,
  extract(month FROM valid_until) AS valid_month,
  to_char(valid_until, 'YYYY') AS valid_year,
  valid_until > now() AS valid
FROM products
ORDER BY code

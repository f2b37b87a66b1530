-- name: quoted_names()
-- Two columns that differ by capitals.
SELECT "Value" AS upper_value, value AS lower_value, VALUE AS shouted, "left" AS left_value, "order by" AS sort_value
FROM odds
ORDER BY lower_value

-- name: jsonb_parts(key)
-- Operators on JSON.
SELECT
  id,
  profile -> 'city' AS city,
  profile ->> 'city' AS city_text,
  profile ->> :key::text AS chosen,
  profile #>> '{a,b}' AS deep,
  profile @> '{}' AS contains,
  tags[1] AS first_tag,
  CAST(profile AS text) AS profile_text
FROM customers
ORDER BY id

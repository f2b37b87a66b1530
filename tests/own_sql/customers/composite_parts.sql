-- name: composite_parts()
-- Fields of a composite; IS NOT NULL of a row asks all its fields.
SELECT id, (home).street AS street, (home).zip AS zip, home IS NOT NULL AS complete, home IS NULL AS empty
FROM customers
ORDER BY id

-- name: literals()^
-- One row of constants.
SELECT 1 AS one, 'a' AS letter, CAST(NULL AS text) AS nothing, now() AS moment, CURRENT_DATE AS today, ARRAY[1, NULL] AS numbers,
  ARRAY(SELECT id FROM customers) AS ids, true AS yes

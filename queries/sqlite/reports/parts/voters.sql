-- name: voters(tenant_id, matching, edges, offsets, since, until)
-- Runs with and without a vote by the length of their prompt, their local hour and whether their owner is new in the window.
WITH inside AS (
  SELECT
    ri_bucket(timestamp, :edges) AS bucket,
    timestamp,
    email,
    CASE
      WHEN coalesce(prompt, '') = '' THEN 0
      WHEN length(prompt) <= 20 THEN 20
      WHEN length(prompt) <= 80 THEN 80
      WHEN length(prompt) <= 320 THEN 320
      WHEN length(prompt) <= 1280 THEN 1280
      ELSE 1281
    END AS prompt_length,
    sentiment
  FROM users_threads_runs AS r
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
), owners AS (
  SELECT o.email, NOT EXISTS (
    SELECT 1 FROM users_threads_runs AS r
    /* the + keeps the planner from reading the whole history once an owner */
    WHERE r.email = o.email AND +r.tenant_id = :tenant_id AND (r.timestamp < :since OR r.timestamp IS NULL)) AS is_new
  FROM (SELECT DISTINCT email FROM inside) AS o
), clock AS MATERIALIZED (
  SELECT key + 1 AS bucket, value AS ahead FROM json_each(:offsets)
)
SELECT
  inside.prompt_length,
  CAST(mod((unixepoch(substr(inside.timestamp, 1, 19)) + clock.ahead) / 3600, 24) AS integer) AS hour,
  owners.is_new,
  count(*) AS runs,
  count(inside.sentiment) AS rated
FROM inside
JOIN owners ON owners.email = inside.email
JOIN clock ON clock.bucket = inside.bucket
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

-- name: voters(tenant_id, matching, edges, offsets, since, until)
-- Runs with and without a vote by the length of their prompt, their local hour and whether their owner is new in the window.
-- returns: hour!
WITH inside AS (
  SELECT
    width_bucket(timestamp, CAST(:edges AS timestamptz[])) AS bucket,
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
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND attributes @> CAST(:matching AS jsonb)
), owners AS (
  SELECT o.email, NOT EXISTS (
    SELECT 1 FROM users_threads_runs AS r
    WHERE r.email = o.email AND r.tenant_id = :tenant_id AND (r.timestamp < :since OR r.timestamp IS NULL)) AS is_new
  FROM (SELECT DISTINCT email FROM inside) AS o
)
SELECT
  inside.prompt_length,
  mod(CAST(floor((extract(epoch FROM inside.timestamp) + clock.ahead) / 3600) AS bigint), 24) AS hour,
  owners.is_new,
  count(*) AS runs,
  count(inside.sentiment) AS rated
FROM inside
JOIN owners ON owners.email = inside.email
JOIN unnest(CAST(:offsets AS bigint[])) WITH ORDINALITY AS clock (ahead, bucket) ON clock.bucket = inside.bucket
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

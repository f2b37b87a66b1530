-- name: volume_hours(tenant_id, matching, edges, offsets, since, until)
-- Runs and owners per hour of the week (from Monday at midnight, 0 to 167) of local time, which is UTC plus the offset between two edges.
WITH inside AS (
  SELECT ri_bucket(timestamp, :edges) AS bucket, timestamp, email
  FROM users_threads_runs AS r
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
), clock AS MATERIALIZED (
  SELECT key + 1 AS bucket, value AS ahead FROM json_each(:offsets)
)
SELECT
  /* 1 January 1970 was a Thursday */
  CAST(mod((unixepoch(substr(inside.timestamp, 1, 19)) + clock.ahead) / 3600 + 72, 168) AS integer) AS cell,
  count(*) AS runs,
  count(DISTINCT inside.email) AS owners
FROM inside
JOIN clock ON clock.bucket = inside.bucket
GROUP BY 1
ORDER BY 1

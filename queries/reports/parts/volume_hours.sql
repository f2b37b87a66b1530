-- name: volume_hours(tenant_id, matching, edges, offsets, since, until)
-- Runs and owners per hour of the week (from Monday at midnight, 0 to 167) of local time, which is UTC plus the offset between two edges.
-- returns: cell!
WITH inside AS (
  SELECT width_bucket(timestamp, CAST(:edges AS timestamptz[])) AS bucket, timestamp, email
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND attributes @> CAST(:matching AS jsonb)
)
SELECT
  /* 1 January 1970 was a Thursday */
  mod(CAST(floor((extract(epoch FROM inside.timestamp) + clock.ahead) / 3600) AS bigint) + 72, 168) AS cell,
  count(*) AS runs,
  count(DISTINCT inside.email) AS owners
FROM inside
JOIN unnest(CAST(:offsets AS bigint[])) WITH ORDINALITY AS clock (ahead, bucket) ON clock.bucket = inside.bucket
GROUP BY 1
ORDER BY 1

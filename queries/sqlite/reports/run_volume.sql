-- name: run_volume(tenant_id, matching, edges, since, until)
-- Runs, threads, owners and new owners per bucket between the edges, for buckets with runs.
WITH inside AS (
  SELECT ri_bucket(timestamp, :edges) AS bucket, email, thread_id
  FROM users_threads_runs AS r
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
), new_owners AS (
  SELECT o.bucket, count(*) AS owners
  FROM (SELECT email, min(bucket) AS bucket FROM inside GROUP BY email) AS o
  WHERE NOT EXISTS (
    SELECT 1 FROM users_threads_runs AS r
    /* the + keeps the planner from reading the whole history once an owner */
    WHERE r.email = o.email AND +r.tenant_id = :tenant_id AND (r.timestamp < :since OR r.timestamp IS NULL))
  GROUP BY o.bucket
)
SELECT
  inside.bucket,
  count(*) AS runs,
  count(DISTINCT inside.thread_id) AS threads,
  count(DISTINCT inside.email) AS owners,
  coalesce(max(new_owners.owners), 0) AS new_owners
FROM inside LEFT JOIN new_owners ON new_owners.bucket = inside.bucket
GROUP BY inside.bucket
ORDER BY inside.bucket

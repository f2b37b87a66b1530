-- name: runs(tenant_id, matching, since, until)
-- The runs of the window, oldest first; times are microseconds since 1970 in UTC and attributes JSON text, as Arrow takes them.
SELECT
  run_id,
  thread_id,
  email AS user_key,
  prompt,
  sentiment,
  CAST(extract(epoch FROM timestamp) * 1000000 AS bigint) AS timestamp,
  CAST(extract(epoch FROM sentiment_at) * 1000000 AS bigint) AS sentiment_at,
  CAST(attributes AS text) AS attributes
FROM users_threads_runs AS r
WHERE tenant_id = CAST(:tenant_id AS uuid) AND r.timestamp >= :since AND r.timestamp < :until
  AND r.attributes @> CAST(:matching AS jsonb)
ORDER BY r.timestamp, r.id

-- name: runs(tenant_id, matching, since, until)
-- The runs of the window, oldest first; times are microseconds since 1970 in UTC and attributes JSON text, as Arrow takes them.
SELECT
  run_id,
  thread_id,
  email AS user_key,
  prompt,
  sentiment,
  unixepoch(substr(r.timestamp, 1, 19)) * 1000000 + CAST(substr(r.timestamp, 21, 6) AS integer) AS timestamp,
  unixepoch(substr(r.sentiment_at, 1, 19)) * 1000000 + CAST(substr(r.sentiment_at, 21, 6) AS integer) AS sentiment_at,
  attributes
FROM users_threads_runs AS r
WHERE tenant_id = :tenant_id AND r.timestamp >= :since AND r.timestamp < :until
  AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
ORDER BY r.timestamp, r.id

-- name: snapshot_runs(tenant_id, since, until)
-- The runs of a window and the undated ones, as stored; before them, of each owner in it, the latest run before the window (is_before).
WITH inside AS (
  SELECT id, email, false AS is_before
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND (timestamp IS NULL OR (timestamp >= :since AND timestamp < :until))
), earlier AS (
  SELECT id, row_number() OVER (PARTITION BY email ORDER BY timestamp DESC, id DESC) AS place
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp < :since AND email IN (SELECT email FROM inside)
), chosen AS (
  SELECT id, is_before FROM inside
  UNION ALL
  SELECT id, true FROM earlier WHERE place = 1
)
SELECT
  r.email AS user_key, r.thread_id, r.run_id, r.prompt, r.timestamp, r.sentiment, r.sentiment_at, r.attributes,
  chosen.is_before
FROM chosen JOIN users_threads_runs AS r ON r.id = chosen.id
ORDER BY r.id

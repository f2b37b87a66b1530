-- name: users(tenant_id, matching, burst_after, burst_minutes, since, until)
-- Each owner with runs in the window, by first run; burst_votes are those with burst_after more of the owner's in the burst_minutes before.
WITH inside AS (
  SELECT
    id, email, thread_id, timestamp, sentiment,
    CASE WHEN sentiment IS NOT NULL THEN sentiment_at END AS voted_at,
    lag(CASE WHEN sentiment IS NOT NULL THEN sentiment_at END, CAST(:burst_after AS int))
      OVER (PARTITION BY email ORDER BY CASE WHEN sentiment IS NOT NULL THEN sentiment_at END NULLS FIRST, id)
      AS earlier
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND attributes @> CAST(:matching AS jsonb)
)
SELECT
  email AS user_key,
  NOT EXISTS (
    SELECT 1 FROM users_threads_runs AS r
    WHERE r.email = inside.email AND r.tenant_id = :tenant_id
      AND (r.timestamp < :since OR r.timestamp IS NULL)) AS is_new,
  count(*) AS runs,
  count(DISTINCT thread_id) AS threads,
  count(sentiment) AS rated,
  count(*) FILTER (WHERE sentiment) AS liked,
  count(*) FILTER (WHERE earlier >= voted_at - make_interval(mins => CAST(:burst_minutes AS int))) AS burst_votes,
  min(timestamp) AS first_run,
  max(timestamp) AS last_run
FROM inside
GROUP BY email
ORDER BY first_run, min(id)

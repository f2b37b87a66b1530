-- name: users(tenant_id, matching, burst_after, burst_minutes, since, until)
-- Each owner with runs in the window, by first run; burst_votes are those with burst_after more of the owner's in the burst_minutes before.
WITH inside AS (
  SELECT
    id, email, thread_id, timestamp, sentiment,
    CASE WHEN sentiment IS NOT NULL THEN sentiment_at END AS voted_at,
    lag(CASE WHEN sentiment IS NOT NULL THEN sentiment_at END, :burst_after)
      OVER (PARTITION BY email ORDER BY CASE WHEN sentiment IS NOT NULL THEN sentiment_at END NULLS FIRST, id)
      AS earlier
  FROM users_threads_runs AS r
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
)
SELECT
  email AS user_key,
  NOT EXISTS (
    SELECT 1 FROM users_threads_runs AS r
    WHERE r.email = inside.email AND +r.tenant_id = :tenant_id
      AND (r.timestamp < :since OR r.timestamp IS NULL)) AS is_new,
  count(*) AS runs,
  count(DISTINCT thread_id) AS threads,
  count(sentiment) AS rated,
  count(*) FILTER (WHERE sentiment) AS liked,
  /* the fraction of a second is kept out of the arithmetic, which has milliseconds only */
  count(*) FILTER (
    WHERE earlier
      >= replace(datetime(substr(voted_at, 1, 19), '-' || :burst_minutes || ' minutes'), ' ', 'T') || substr(voted_at, 20)) AS burst_votes,
  min(timestamp) AS first_run,
  max(timestamp) AS last_run
FROM inside
GROUP BY email
ORDER BY first_run, min(id)

-- name: sentiment_trend(tenant_id, edges, since, until)
-- Votes per bucket between the edges, for buckets with runs: counts, and sums over users from which intervals are made.
WITH by_user AS (
  SELECT
    ri_bucket(timestamp, :edges) AS bucket,
    email,
    count(*) AS runs,
    count(sentiment) AS rated,
    count(*) FILTER (WHERE sentiment) AS liked
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  GROUP BY 1, 2
)
SELECT
  bucket,
  sum(runs) AS runs,
  sum(rated) AS rated,
  sum(liked) AS liked,
  count(*) FILTER (WHERE rated > 0) AS users,
  sum(rated * rated) AS votes_squared,
  sum(liked * rated) AS liked_votes,
  sum(liked * liked) AS liked_squared,
  coalesce(sum(1.0 * liked / nullif(rated, 0)), 0.0) AS approval_sum,
  max(rated) AS top_votes
FROM by_user
GROUP BY bucket
ORDER BY bucket

-- name: sentiment_trend(tenant_id, edges, since, until)
-- Votes per bucket between the edges, for buckets with runs: counts, and sums over users from which intervals are made.
WITH by_user AS (
  SELECT
    width_bucket(timestamp, CAST(:edges AS timestamptz[])) AS bucket,
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
  CAST(sum(runs) AS bigint) AS runs,
  CAST(sum(rated) AS bigint) AS rated,
  CAST(sum(liked) AS bigint) AS liked,
  count(*) FILTER (WHERE rated > 0) AS users,
  CAST(sum(rated * rated) AS bigint) AS votes_squared,
  CAST(sum(liked * rated) AS bigint) AS liked_votes,
  CAST(sum(liked * liked) AS bigint) AS liked_squared,
  CAST(coalesce(sum(CAST(liked AS numeric) / nullif(rated, 0)), 0) AS double precision) AS approval_sum,
  max(rated) AS top_votes
FROM by_user
GROUP BY bucket
ORDER BY bucket

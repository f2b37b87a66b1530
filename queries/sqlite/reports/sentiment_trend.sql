-- name: sentiment_trend(tenant_id, matching, attribute, edges, since, until)
-- Votes per bucket between the edges and value of an attribute, where there are runs: counts, and sums over users from which intervals are made.
WITH by_user AS (
  SELECT
    ri_bucket(timestamp, :edges) AS bucket,
    /* json_each tells true from 1, which ->> does not; numbers as PostgreSQL writes them, where they are as exact */
    (SELECT CASE
       WHEN a.type IN ('true', 'false') THEN a.type
       WHEN a.type = 'text' THEN a.value
       WHEN a.type NOT IN ('integer', 'real') OR a.value NOT BETWEEN -999999999999999 AND 999999999999999 THEN NULL
       WHEN a.value = CAST(a.value AS integer) THEN CAST(CAST(a.value AS integer) AS text)
       WHEN abs(a.value) > 0.0001 AND CAST(CAST(a.value AS text) AS real) = a.value THEN CAST(a.value AS text)
     END
     FROM json_each(r.attributes) AS a WHERE a.key = :attribute) AS value,
    email,
    count(*) AS runs,
    count(sentiment) AS rated,
    count(*) FILTER (WHERE sentiment) AS liked
  FROM users_threads_runs AS r
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
  GROUP BY 1, 2, 3
)
SELECT
  bucket,
  value,
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
GROUP BY bucket, value
ORDER BY bucket, value NULLS LAST

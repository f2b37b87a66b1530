-- name: feedback_coverage(tenant_id, matching, attribute, since, until)
-- Votes per text, truth value or number of up to 15 digits of an attribute; a null value stands for all else, or for the whole window.
-- param attribute: str | None
WITH by_user AS (
  SELECT
    CASE jsonb_typeof(attributes -> CAST(:attribute AS text))
      WHEN 'string' THEN attributes ->> CAST(:attribute AS text)
      WHEN 'boolean' THEN attributes ->> CAST(:attribute AS text)
      WHEN 'number' THEN (
        SELECT CAST(plain AS text)
        FROM (SELECT trim_scale(CAST(attributes ->> CAST(:attribute AS text) AS numeric)) AS plain) AS n
        WHERE (plain = 0 OR abs(plain) > 0.0001) /* SQLite writes smaller and longer ones in another way */
          AND length(ltrim(replace(CAST(abs(plain) AS text), '.', ''), '0')) <= 15)
    END AS value,
    email,
    count(*) AS runs,
    count(sentiment) AS rated,
    count(*) FILTER (WHERE sentiment) AS liked
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
    AND attributes @> CAST(:matching AS jsonb)
  GROUP BY 1, 2
)
SELECT
  value,
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
GROUP BY value
ORDER BY runs DESC, value NULLS LAST

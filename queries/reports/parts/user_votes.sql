-- name: user_votes(tenant_id, matching, attribute, edges, since, until)
-- How many users cast how many votes, and how many of them likes, per bucket between the edges and value of an attribute.
-- param attribute: str | None
WITH by_user AS (
  SELECT
    width_bucket(timestamp, CAST(:edges AS timestamptz[])) AS bucket,
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
  GROUP BY 1, 2, 3
)
SELECT bucket, value, CAST(sum(runs) AS bigint) AS runs, rated, liked, count(*) AS users
FROM by_user
GROUP BY bucket, value, rated, liked
ORDER BY bucket, value NULLS LAST, rated, liked

-- name: user_votes(tenant_id, matching, attribute, edges, since, until)
-- How many users cast how many votes, and how many of them likes, per bucket between the edges and value of an attribute.
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
SELECT bucket, value, sum(runs) AS runs, rated, liked, count(*) AS users
FROM by_user
GROUP BY bucket, value, rated, liked
ORDER BY bucket, value NULLS LAST, rated, liked

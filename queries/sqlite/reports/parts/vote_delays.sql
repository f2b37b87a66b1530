-- name: vote_delays(tenant_id, matching, since, until)
-- How many votes came how many whole seconds after their run, of those whose time is known.
SELECT
  unixepoch(substr(r.sentiment_at, 1, 19)) - unixepoch(substr(r.timestamp, 1, 19))
    - (substr(r.sentiment_at, 21, 6) < substr(r.timestamp, 21, 6)) AS seconds,
  count(*) AS votes
FROM users_threads_runs AS r
WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
  AND sentiment IS NOT NULL AND sentiment_at IS NOT NULL
GROUP BY 1
ORDER BY 1

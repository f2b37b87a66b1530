-- name: vote_delays(tenant_id, matching, since, until)
-- How many votes came how many whole seconds after their run, of those whose time is known.
SELECT CAST(floor(extract(epoch FROM sentiment_at - timestamp)) AS bigint) AS seconds, count(*) AS votes
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND attributes @> CAST(:matching AS jsonb)
  AND sentiment IS NOT NULL AND sentiment_at IS NOT NULL
GROUP BY 1
ORDER BY 1

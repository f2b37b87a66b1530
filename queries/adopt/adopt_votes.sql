-- name: adopt_votes()!
-- The number of votes that got a row of history, marked as adopted; when they were given is not known.
INSERT INTO sentiment_events (run_id, tenant_id, user_key, sentiment, voted_at, source)
SELECT run_id, tenant_id, email, sentiment, coalesce(timestamp, 'epoch'), 'adopted'
FROM users_threads_runs
WHERE sentiment IS NOT NULL
ORDER BY run_id

-- name: comment_run(tenant_id, user_key, run_id, comment, event_id)^
-- The run whose vote, if any, now has another comment; no row where the run is absent or another owner's.
-- raises: NotFound
INSERT INTO sentiment_events
  (run_id, event_id, tenant_id, user_key, sentiment_before, sentiment, comment, voted_at, source)
SELECT run_id, :event_id, tenant_id, email, sentiment, sentiment, :comment,
  greatest(clock_timestamp(), sentiment_at), 'api'
FROM users_threads_runs
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
FOR NO KEY UPDATE /* a vote that comes at the same time is kept */
ON CONFLICT (run_id, event_id) DO UPDATE SET comment = EXCLUDED.comment
RETURNING run_id, sentiment

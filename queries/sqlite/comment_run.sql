-- name: comment_run(tenant_id, user_key, run_id, comment, event_id, now)^
-- The run whose vote, if any, now has another comment; no row where the run is absent or another owner's.
INSERT INTO sentiment_events
  (run_id, event_id, tenant_id, user_key, sentiment_before, sentiment, comment, voted_at, source)
SELECT run_id, :event_id, tenant_id, email, sentiment, sentiment, :comment,
  max(:now, coalesce(sentiment_at, :now)), 'api'
FROM users_threads_runs
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
ON CONFLICT (run_id, event_id) DO UPDATE SET comment = excluded.comment
RETURNING run_id, sentiment

-- name: list_runs(tenant_id, user_key, thread_id)
-- The runs of one thread, oldest first.
-- returns: attributes: dict[str, Any]
-- index: idx_users_threads_runs_email_thread
SELECT run_id, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key AND thread_id = :thread_id
ORDER BY timestamp NULLS FIRST, id

-- name: list_all_runs(tenant_id, user_key)
-- The runs of all threads of the owner, thread by thread, oldest first.
-- returns: attributes: dict[str, Any]
-- index: idx_users_threads_runs_email_thread
SELECT run_id, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key
ORDER BY thread_id, timestamp NULLS FIRST, id

-- name: sentiments(tenant_id, user_key, thread_id)
-- The rated runs of one thread, oldest first.
-- index: idx_users_threads_runs_email_thread
SELECT run_id, sentiment
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key AND thread_id = :thread_id AND sentiment IS NOT NULL
ORDER BY timestamp NULLS FIRST, id

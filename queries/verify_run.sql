-- name: verify_run(tenant_id, user_key, run_id)^
-- The run when it is the owner's; no row where it is absent or another owner's.
-- returns: attributes: dict[str, Any]
-- index: users_threads_runs_run_id_key
SELECT run_id, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes
FROM users_threads_runs
WHERE run_id = :run_id AND tenant_id = :tenant_id AND email = :user_key

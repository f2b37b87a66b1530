-- name: check_run(run_id)^
-- The run, whoever owns it; no row where it is absent.
-- returns: attributes: dict[str, Any]
-- index: users_threads_runs_run_id_key
SELECT run_id, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes, tenant_id, email AS user_key
FROM users_threads_runs
WHERE run_id = :run_id

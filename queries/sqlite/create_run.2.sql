-- name: create_run(tenant_id, user_key, thread_id, run_id, prompt, attributes, now)!
-- Second part of create_run: the new run, where the run_id is free.
INSERT INTO users_threads_runs (tenant_id, email, thread_id, run_id, prompt, attributes, timestamp)
VALUES (:tenant_id, :user_key, :thread_id, :run_id, :prompt, :attributes, :now)
ON CONFLICT (run_id) DO NOTHING

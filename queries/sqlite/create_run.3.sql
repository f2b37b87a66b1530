-- name: create_run(tenant_id, user_key, run_id, now)^
-- Last part of create_run: what is stored now; changes() tells whether the second part inserted it.
SELECT
  run_id,
  thread_id,
  prompt,
  timestamp,
  sentiment,
  sentiment_at,
  attributes,
  CASE WHEN changes() = 1 THEN 'created' WHEN timestamp = :now THEN 'updated' ELSE 'unchanged' END AS change
FROM users_threads_runs
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id

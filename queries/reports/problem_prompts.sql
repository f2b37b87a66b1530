-- name: problem_prompts(tenant_id, matching, since, until)
-- The runs of the window with their prompts and votes, oldest first.
SELECT run_id, thread_id, email AS user_key, prompt, sentiment, timestamp
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND attributes @> CAST(:matching AS jsonb)
ORDER BY timestamp, id

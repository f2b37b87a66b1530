-- name: problem_prompts(tenant_id, matching, since, until)
-- The runs of the window with their prompts and votes, oldest first.
SELECT run_id, thread_id, email AS user_key, prompt, sentiment, timestamp
FROM users_threads_runs AS r
WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
ORDER BY timestamp, id

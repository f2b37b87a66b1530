-- name: problem_prompts(tenant_id, matching, since, until)
-- The runs of the window with their prompts and votes, oldest first.
SELECT run_id, thread_id, email AS user_key, prompt, sentiment, timestamp
FROM users_threads_runs AS r
WHERE tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:matching) AS m WHERE NOT EXISTS (
      SELECT 1 FROM json_each(r.attributes) AS a
      WHERE a.key = m.key AND a.value IS m.value
        AND replace(a.type, 'real', 'integer') = replace(m.type, 'real', 'integer')))
ORDER BY timestamp, id

-- name: insert_loaded_runs()!
-- The number of staged runs that were not stored yet and now are, in the order of the input.
-- needs: stage_runs
INSERT INTO users_threads_runs
  (tenant_id, email, thread_id, run_id, prompt, timestamp, sentiment, sentiment_at, attributes)
SELECT s.tenant_id, s.user_key, s.thread_id, s.run_id, s.prompt, s.timestamp, s.sentiment, s.sentiment_at, s.attributes
FROM stage_runs AS s
WHERE true
ORDER BY s.line
ON CONFLICT (run_id) DO NOTHING

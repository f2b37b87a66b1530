-- name: update_loaded_runs()!
-- The number of stored runs that took prompt, time, thread or attributes from the stage, where it has them.
-- needs: stage_runs
UPDATE users_threads_runs AS r SET
  thread_id = CASE WHEN s.has_thread THEN s.thread_id ELSE r.thread_id END,
  prompt = CASE WHEN s.has_prompt THEN s.prompt ELSE r.prompt END,
  timestamp = s.timestamp,
  attributes = r.attributes || s.attributes
FROM stage_runs AS s
WHERE r.run_id = s.run_id AND r.email = s.user_key AND r.tenant_id = s.tenant_id
  AND ((s.has_thread AND r.thread_id <> s.thread_id)
       OR (s.has_prompt AND r.prompt IS DISTINCT FROM s.prompt)
       OR r.timestamp IS DISTINCT FROM s.timestamp
       OR r.attributes || s.attributes <> r.attributes)

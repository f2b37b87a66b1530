-- name: update_loaded_runs()!
-- The number of stored runs that took prompt, time, thread or attributes from the stage.
-- needs: stage_runs
UPDATE users_threads_runs AS r SET
  thread_id = s.thread_id,
  prompt = s.prompt,
  timestamp = s.timestamp,
  attributes = s.attributes
FROM stage_runs AS s
WHERE r.run_id = s.run_id AND r.email = s.user_key AND r.tenant_id = s.tenant_id
  AND (r.thread_id <> s.thread_id OR r.prompt IS DISTINCT FROM s.prompt OR r.timestamp IS DISTINCT FROM s.timestamp
       OR r.attributes <> s.attributes)

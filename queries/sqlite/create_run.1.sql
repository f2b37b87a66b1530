-- name: create_run(tenant_id, user_key, thread_id, run_id, prompt, now)!
-- First part of create_run: another prompt or thread for a stored run of this owner.
UPDATE users_threads_runs SET
  thread_id = :thread_id,
  prompt = coalesce(nullif(:prompt, ''), prompt),
  timestamp = :now
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
  AND (thread_id <> :thread_id OR coalesce(nullif(:prompt, ''), prompt) IS NOT prompt)

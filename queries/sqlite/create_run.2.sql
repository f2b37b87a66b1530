-- name: create_run(tenant_id, user_key, thread_id, run_id, prompt, attributes, now)!
-- Second part of create_run: the new run, where the run_id is free and its owner was not erased within the last hour.
INSERT INTO users_threads_runs (tenant_id, email, thread_id, run_id, prompt, attributes, timestamp)
SELECT :tenant_id, :user_key, :thread_id, :run_id, :prompt, :attributes, :now
WHERE NOT EXISTS (
  SELECT 1 FROM erased_owners AS e JOIN erasure_key AS k
  WHERE e.owner_mark = ri_keyed(k.secret, :tenant_id || ':' || :user_key)
    AND unixepoch(e.erased_at) > unixepoch(:now) - 3600)
ON CONFLICT (run_id) DO NOTHING

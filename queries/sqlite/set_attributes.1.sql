-- name: set_attributes(tenant_id, user_key, run_id, attributes)!
-- First part of set_attributes: the merge, where it changes something.
UPDATE users_threads_runs SET attributes = ri_merge(attributes, :attributes)
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
  AND ri_merge(attributes, :attributes) <> ri_merge(attributes, '{}')

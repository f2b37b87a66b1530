-- name: purge_runs(tenant_id, before, batch_size)!
-- Last part of purge_runs: the runs; a trigger removes their votes.
DELETE FROM users_threads_runs
WHERE id IN (
  SELECT id FROM users_threads_runs WHERE tenant_id = :tenant_id AND timestamp < :before
  ORDER BY timestamp, id LIMIT :batch_size
)

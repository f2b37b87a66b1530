-- name: purge_runs(tenant_id, before, batch_size)!
-- Third part of purge_runs: the threads that have no other run.
WITH picked AS (
  SELECT id, thread_id, email FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp < :before
  ORDER BY timestamp, id LIMIT :batch_size
)
DELETE FROM threads
WHERE thread_id IN (SELECT thread_id FROM picked) AND tenant_id = :tenant_id AND NOT shared
  AND title IS NULL AND source IS NULL AND attributes = '{}'
  AND run_count = (
    SELECT count(*) FROM picked AS p WHERE p.thread_id = threads.thread_id AND p.email = threads.user_key)

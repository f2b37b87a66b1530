-- name: purge_runs(tenant_id, before, batch_size)
-- First part of purge_runs: the rows that the other parts remove.
WITH picked AS (
  SELECT id, run_id, thread_id, email FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp < :before
  ORDER BY timestamp, id LIMIT :batch_size
)
SELECT 'sentiment_events' AS table_name, count(*) AS row_count
FROM picked AS p JOIN sentiment_events AS e ON e.run_id = p.run_id
UNION ALL
SELECT 'threads', count(*) FROM threads AS t
WHERE t.thread_id IN (SELECT thread_id FROM picked) AND t.tenant_id = :tenant_id AND NOT t.shared
  AND t.title IS NULL AND t.source IS NULL AND t.attributes = '{}'
  AND t.run_count = (SELECT count(*) FROM picked AS p WHERE p.thread_id = t.thread_id AND p.email = t.user_key)
UNION ALL
SELECT 'users_threads_runs', count(*) FROM picked

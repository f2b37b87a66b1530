-- name: erase_user(tenant_id, user_key)
-- First part of erase_user: the rows that the other parts remove, counted under the write lock.
SELECT 'sentiment_events' AS table_name, count(*) AS row_count
FROM sentiment_events AS e JOIN users_threads_runs AS r ON r.run_id = e.run_id
WHERE r.tenant_id = :tenant_id AND r.email = :user_key
UNION ALL
SELECT 'threads', count(*) FROM threads WHERE tenant_id = :tenant_id AND user_key = :user_key
UNION ALL
SELECT 'users_threads_runs', count(*) FROM users_threads_runs WHERE tenant_id = :tenant_id AND email = :user_key

-- name: delete_thread(tenant_id, user_key, thread_id)
-- First part of delete_thread: the rows that the second part removes, counted under the write lock.
SELECT l.column1 AS table_name, 0 AS row_count /* on SQLite they are left to the saver of LangGraph */
FROM threads AS t JOIN (VALUES ('checkpoint_blobs'), ('checkpoint_writes'), ('checkpoints')) AS l
WHERE t.thread_id = :thread_id AND t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL
UNION ALL
SELECT 'sentiment_events' AS table_name, count(e.run_id) AS row_count
FROM threads AS t
LEFT JOIN users_threads_runs AS r ON r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id
LEFT JOIN sentiment_events AS e ON e.run_id = r.run_id
WHERE t.thread_id = :thread_id AND t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL
GROUP BY t.thread_id
UNION ALL
SELECT 'threads', 1
FROM threads AS t
WHERE t.thread_id = :thread_id AND t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL
UNION ALL
SELECT 'users_threads_runs', count(r.run_id)
FROM threads AS t
LEFT JOIN users_threads_runs AS r ON r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id
WHERE t.thread_id = :thread_id AND t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL
GROUP BY t.thread_id
ORDER BY table_name

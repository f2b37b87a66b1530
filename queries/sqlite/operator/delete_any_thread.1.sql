-- name: delete_any_thread(thread_id)
-- First part of delete_any_thread: the rows that the other parts remove.
SELECT 'sentiment_events' AS table_name, count(e.run_id) AS row_count
FROM threads AS t
LEFT JOIN users_threads_runs AS r ON r.thread_id = t.thread_id
LEFT JOIN sentiment_events AS e ON e.run_id = r.run_id
WHERE t.thread_id = :thread_id AND t.deleted_at IS NULL
UNION ALL
SELECT 'threads', count(*) FROM threads WHERE thread_id = :thread_id AND deleted_at IS NULL
UNION ALL
SELECT 'users_threads_runs', count(*)
FROM threads AS t JOIN users_threads_runs AS r ON r.thread_id = t.thread_id
WHERE t.thread_id = :thread_id AND t.deleted_at IS NULL

-- name: count_purge(tenant_id, before, now)
-- Rows per table that a purge would remove, with the tombstones of threads deleted before that time and marks of the erased.
SELECT 'erased_owners' AS table_name, count(*) AS row_count
FROM erased_owners WHERE unixepoch(erased_at) < unixepoch(:now) - 3600
UNION ALL
SELECT 'sentiment_events', count(*)
FROM sentiment_events AS e JOIN users_threads_runs AS r ON r.run_id = e.run_id
WHERE r.tenant_id = :tenant_id AND r.timestamp < :before
UNION ALL
SELECT 'threads', count(*) FROM threads AS t
WHERE t.tenant_id = :tenant_id AND t.latest_timestamp < :before AND t.run_count > 0 AND NOT t.shared
  AND t.deleted_at IS NULL AND t.title IS NULL AND t.source IS NULL AND t.attributes = '{}'
  AND NOT EXISTS (SELECT 1 FROM users_threads_runs AS r WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key
    AND r.thread_id = t.thread_id AND r.timestamp IS NULL)
UNION ALL
SELECT 'threads', count(*) FROM threads WHERE tenant_id = :tenant_id AND deleted_at < :before
UNION ALL
SELECT 'users_threads_runs', count(*) FROM users_threads_runs WHERE tenant_id = :tenant_id AND timestamp < :before
ORDER BY table_name, row_count

-- name: count_purge(tenant_id, before)
-- Rows per table that a purge would remove, with the tombstones of threads deleted before that time and marks of the erased.
-- returns: table_name!, row_count!
SELECT counted.table_name, counted.row_count
FROM ri_count_purge(:tenant_id, :before) AS counted
UNION ALL
SELECT 'threads', count(*) FROM threads WHERE tenant_id = :tenant_id AND deleted_at < :before
UNION ALL
SELECT 'erased_owners', count(*) FROM erased_owners WHERE erased_at < CURRENT_TIMESTAMP - interval '1 hour'
ORDER BY table_name, row_count

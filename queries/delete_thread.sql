-- name: delete_thread(tenant_id, user_key, thread_id, dry_run)
-- Rows removed per table with the thread, its runs and its votes; no rows where it is not the owner's. A dry run only counts.
-- returns: table_name!, row_count!
SELECT deleted.table_name, deleted.row_count
FROM ri_delete_thread(:tenant_id, :user_key, :thread_id, :dry_run) AS deleted
ORDER BY deleted.table_name

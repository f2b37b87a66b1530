-- name: delete_any_thread(thread_id, dry_run)
-- Rows removed per table with the thread, whoever owns it and its runs; no rows where it is absent. A dry run only counts.
-- returns: table_name!, row_count!
SELECT deleted.table_name, deleted.row_count
FROM ri_delete_any_thread(:thread_id, :dry_run) AS deleted
ORDER BY deleted.table_name

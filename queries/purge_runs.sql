-- name: purge_runs(tenant_id, before, batch_size, keep_counts)
-- Rows removed per table in one batch of the tenant's oldest runs before a time, with threads that have no other run.
-- returns: table_name!, row_count!
SELECT purged.table_name, purged.row_count
FROM ri_purge_runs(:tenant_id, :before, :batch_size, :keep_counts) AS purged
ORDER BY purged.table_name

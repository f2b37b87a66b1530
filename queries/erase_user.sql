-- name: erase_user(tenant_id, user_key, dry_run)
-- Rows removed per table with everything held about the owner; a dry run only counts.
-- returns: table_name!, row_count!
SELECT erased.table_name, erased.row_count
FROM ri_erase_user(:tenant_id, :user_key, :dry_run) AS erased
ORDER BY erased.table_name

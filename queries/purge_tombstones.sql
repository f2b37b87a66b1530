-- name: purge_tombstones(tenant_id, before)
-- Tombstones removed of the tenant's threads that were deleted before a time, and marks removed of owners erased an hour ago.
WITH tombstones AS (
  DELETE FROM threads WHERE tenant_id = :tenant_id AND deleted_at < :before RETURNING 1
), marks AS (
  DELETE FROM erased_owners WHERE erased_at < CURRENT_TIMESTAMP - interval '1 hour' RETURNING 1
)
SELECT 'erased_owners' AS table_name, (SELECT count(*) FROM marks) AS row_count
UNION ALL
SELECT 'threads', (SELECT count(*) FROM tombstones)

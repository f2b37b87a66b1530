-- name: purge_tombstones(tenant_id, before, now)
-- First part of purge_tombstones: the rows that the other parts remove.
SELECT 'erased_owners' AS table_name, count(*) AS row_count
FROM erased_owners WHERE unixepoch(erased_at) < unixepoch(:now) - 3600
UNION ALL
SELECT 'threads', count(*) FROM threads WHERE tenant_id = :tenant_id AND deleted_at < :before

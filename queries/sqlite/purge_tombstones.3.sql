-- name: purge_tombstones(tenant_id, before)!
-- Last part of purge_tombstones: the tombstones.
DELETE FROM threads WHERE tenant_id = :tenant_id AND deleted_at < :before

-- name: snapshot_deleted(tenant_id, since, until)
-- When threads were deleted within a window.
SELECT thread_id, deleted_at
FROM threads
WHERE tenant_id = :tenant_id AND deleted_at >= :since AND deleted_at < :until
ORDER BY thread_id

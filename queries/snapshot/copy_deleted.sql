-- name: copy_deleted(tenant_id, thread_id, deleted_at)*!
-- The number of deleted threads noted in a snapshot.
INSERT INTO threads (tenant_id, thread_id, deleted_at)
VALUES (:tenant_id, :thread_id, :deleted_at)

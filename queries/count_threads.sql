-- name: count_threads(tenant_id, user_key)$
-- The number of the owner's threads that have runs.
-- index: threads_owner_latest
SELECT count(*) AS thread_count
FROM threads
WHERE tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL AND run_count > 0

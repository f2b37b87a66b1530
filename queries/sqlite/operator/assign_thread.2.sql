-- name: assign_thread(tenant_id, user_key, thread_id)^
-- Last part of assign_thread: whether the first part wrote it.
SELECT changes() = 1 AS assigned
FROM threads
WHERE thread_id = :thread_id AND tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL

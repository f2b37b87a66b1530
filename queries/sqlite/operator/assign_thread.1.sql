-- name: assign_thread(tenant_id, user_key, thread_id)!
-- First part of assign_thread: the owner of a thread that has none.
UPDATE threads SET tenant_id = :tenant_id, user_key = :user_key
WHERE thread_id = :thread_id AND user_key IS NULL AND deleted_at IS NULL

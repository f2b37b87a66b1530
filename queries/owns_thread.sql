-- name: owns_thread(tenant_id, user_key, thread_id)$
-- Whether the thread is the owner's and not deleted.
-- index: threads_pkey
SELECT EXISTS (
  SELECT 1 FROM threads
  WHERE thread_id = :thread_id AND tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL
) AS owns

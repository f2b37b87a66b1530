-- name: assign_thread(tenant_id, user_key, thread_id)^
-- Whether the thread, which had no owner, now has this one, or had it already; no row where it is absent, deleted or another's.
WITH taken AS (
  UPDATE threads SET tenant_id = :tenant_id, user_key = :user_key
  WHERE thread_id = :thread_id AND user_key IS NULL AND deleted_at IS NULL
  RETURNING true AS assigned
)
SELECT assigned FROM taken
UNION ALL
SELECT false FROM threads
WHERE thread_id = :thread_id AND tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL
LIMIT 1

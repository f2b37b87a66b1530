-- name: delete_thread(tenant_id, user_key, thread_id, dry_run, now)!
-- Last part of delete_thread: the tombstone; its trigger removes runs and votes. Nothing on a dry run.
UPDATE threads SET deleted_at = :now, title = NULL, attributes = '{}', source = NULL
WHERE thread_id = :thread_id AND tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL
  AND NOT :dry_run

-- name: delete_any_thread(thread_id, dry_run, now)!
-- Last part of delete_any_thread: the tombstone. Nothing on a dry run.
UPDATE threads SET deleted_at = :now, title = NULL, attributes = '{}', source = NULL, shared = 0
WHERE thread_id = :thread_id AND deleted_at IS NULL AND NOT :dry_run

-- name: delete_any_thread(thread_id, dry_run)!
-- Second part of delete_any_thread: the runs of every owner; a trigger removes their votes. Nothing on a dry run.
DELETE FROM users_threads_runs
WHERE thread_id = :thread_id AND NOT :dry_run
  AND EXISTS (SELECT 1 FROM threads AS t WHERE t.thread_id = :thread_id AND t.deleted_at IS NULL)

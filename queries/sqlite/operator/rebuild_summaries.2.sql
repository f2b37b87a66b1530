-- name: rebuild_summaries(dry_run)!
-- Second part of rebuild_summaries: the threads that are missing, for the first owner of their runs. Nothing on a dry run.
INSERT INTO threads (thread_id, tenant_id, user_key)
SELECT r.thread_id, r.tenant_id, r.email
FROM users_threads_runs AS r
WHERE NOT :dry_run
ORDER BY r.thread_id, r.tenant_id, r.email
ON CONFLICT (thread_id) DO NOTHING

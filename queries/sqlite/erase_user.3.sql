-- name: erase_user(tenant_id, user_key, dry_run)!
-- Third part of erase_user: the runs; a trigger removes their votes. Nothing on a dry run.
DELETE FROM users_threads_runs WHERE tenant_id = :tenant_id AND email = :user_key AND NOT :dry_run

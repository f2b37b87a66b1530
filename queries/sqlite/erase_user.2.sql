-- name: erase_user(tenant_id, user_key, dry_run)!
-- Second part of erase_user: the threads. Nothing on a dry run.
DELETE FROM threads WHERE tenant_id = :tenant_id AND user_key = :user_key AND NOT :dry_run

-- name: erase_user(tenant_id, user_key, dry_run, now)!
-- Last part of erase_user: the mark that keeps a late write from making the owner anew. Nothing on a dry run.
INSERT INTO erased_owners (owner_mark, erased_at)
SELECT ri_keyed(secret, :tenant_id || ':' || :user_key), :now FROM erasure_key WHERE NOT :dry_run
ON CONFLICT (owner_mark) DO UPDATE SET erased_at = excluded.erased_at

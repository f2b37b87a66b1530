-- name: delete_runs(tenant_id, user_key, thread_id)!
-- The number of the owner's runs removed from a thread, which stays and takes new ones.
-- index: idx_users_threads_runs_email_thread
DELETE FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key AND thread_id = :thread_id

-- name: list_threads(tenant_id, user_key, since, until, after_latest, after_thread_id, limit, offset)
-- One page of the owner's threads that have runs, with the latest of them in the window; latest run first, then by thread_id.
-- index: threads_owner_latest
SELECT thread_id, first_prompt, run_count, latest_timestamp
FROM threads
WHERE tenant_id = :tenant_id AND user_key = :user_key AND deleted_at IS NULL AND run_count > 0
  AND latest_timestamp >= :since AND latest_timestamp < :until
  AND latest_timestamp <= :after_latest
  AND (latest_timestamp < :after_latest OR thread_id > :after_thread_id)
ORDER BY latest_timestamp DESC, thread_id
LIMIT :limit OFFSET :offset

-- name: chats_with_prompts(email, thread_id)
-- Runs of a thread, or of all threads for None, that have a prompt which is not empty.
SELECT run_id, prompt FROM chats
WHERE email = :email AND (:thread_id::text IS NULL OR thread_id = :thread_id) AND prompt IS NOT NULL AND prompt <> ''
ORDER BY id

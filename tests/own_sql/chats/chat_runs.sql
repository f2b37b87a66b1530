-- name: chat_runs(email)
-- All runs of a user, thread by thread.
-- row: ChatRun
SELECT run_id, thread_id, prompt, timestamp, sentiment FROM chats WHERE email = :email ORDER BY thread_id, timestamp, id

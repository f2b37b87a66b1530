-- name: check_chat_run(email, run_id)^
-- The run when it is the user's.
-- row: ChatRun
SELECT run_id, thread_id, prompt, timestamp, sentiment FROM chats WHERE run_id = :run_id AND email = :email

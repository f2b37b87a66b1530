-- name: chat_votes(email, thread_id)
-- The votes in a thread.
SELECT run_id, sentiment FROM chats WHERE email = :email AND thread_id = :thread_id AND sentiment IS NOT NULL ORDER BY timestamp, id

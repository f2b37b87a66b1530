-- name: owns_chat(email, thread_id)$
-- How many runs of the thread are the user's.
SELECT count(*) AS runs FROM chats WHERE email = :email AND thread_id = :thread_id

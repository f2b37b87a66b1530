-- name: delete_chat(email, thread_id)!
-- The number of runs removed.
DELETE FROM chats WHERE email = :email AND thread_id = :thread_id

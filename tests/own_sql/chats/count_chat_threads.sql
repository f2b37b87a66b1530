-- name: count_chat_threads(email)$
-- How many threads a user has.
SELECT count(DISTINCT thread_id) AS threads FROM chats WHERE email = :email

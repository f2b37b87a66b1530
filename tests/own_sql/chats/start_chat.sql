-- name: start_chat(email, thread_id, run_id)$
-- The id of the run when it is new; None where it was stored before.
INSERT INTO chats (email, thread_id, run_id) VALUES (:email, :thread_id, :run_id)
ON CONFLICT (run_id) DO NOTHING
RETURNING id

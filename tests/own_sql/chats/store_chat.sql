-- name: store_chat(email, thread_id, run_id, prompt)$
-- The id of the run, new or not.
INSERT INTO chats (email, thread_id, run_id, prompt) VALUES (:email, :thread_id, :run_id, :prompt)
ON CONFLICT (run_id) DO UPDATE SET prompt = EXCLUDED.prompt
RETURNING id

-- name: create_chat(email, thread_id, run_id, prompt)!
-- The number of runs stored.
INSERT INTO chats (email, thread_id, run_id, prompt) VALUES (:email, :thread_id, :run_id, :prompt)
ON CONFLICT (run_id) DO UPDATE SET
  email = EXCLUDED.email, thread_id = EXCLUDED.thread_id, prompt = EXCLUDED.prompt, timestamp = CURRENT_TIMESTAMP

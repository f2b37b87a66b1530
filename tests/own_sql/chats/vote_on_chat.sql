-- name: vote_on_chat(run_id, sentiment)!
-- The number of runs voted on.
UPDATE chats SET sentiment = :sentiment WHERE run_id = :run_id

-- name: vote_of_owner(email, run_id, sentiment)^
-- The run after the vote; None where it is not the user's.
UPDATE chats SET sentiment = :sentiment WHERE run_id = :run_id AND email = :email RETURNING run_id, sentiment, thread_id, timestamp

-- name: vote_on_chats(run_ids, votes)!
-- The number of runs voted on, in one statement.
-- batch: unnest
UPDATE chats AS c SET sentiment = v.vote
FROM (SELECT run_id, vote FROM unnest(:run_ids::text[], :votes::boolean[]) AS t (run_id, vote) ORDER BY run_id) AS v
WHERE c.run_id = v.run_id

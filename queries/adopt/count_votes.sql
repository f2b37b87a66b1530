-- name: count_votes()$
-- The number of rated runs in the original application's table; older ones have no such column.
SELECT count(sentiment) AS votes
FROM users_threads_runs

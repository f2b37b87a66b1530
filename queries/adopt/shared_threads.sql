-- name: shared_threads()
-- The first twenty threads with runs of several owners, and how many owners each has.
SELECT thread_id, count(DISTINCT email) AS owners
FROM users_threads_runs
GROUP BY thread_id
HAVING min(email) <> max(email)
ORDER BY thread_id
LIMIT 20

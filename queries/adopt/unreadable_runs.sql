-- name: unreadable_runs()
-- The first twenty runs with an infinite time or one that Python cannot hold.
SELECT id
FROM users_threads_runs
WHERE timestamp < '0001-01-02' OR timestamp >= '9999-12-31'
ORDER BY id
LIMIT 20

-- name: hidden_runs()$
-- The number of runs whose thread goes to the owner of an earlier run.
SELECT count(*) AS runs
FROM (
  SELECT email, first_value(email) OVER (PARTITION BY thread_id ORDER BY timestamp NULLS FIRST, id) AS owner
  FROM users_threads_runs
) AS r
WHERE email <> owner

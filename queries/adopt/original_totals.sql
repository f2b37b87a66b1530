-- name: original_totals()^
-- What an adoption must leave as it is: the number of runs and the sum of their numbers.
SELECT count(*) AS runs, CAST(coalesce(sum(id), 0) AS bigint) AS id_sum
FROM users_threads_runs

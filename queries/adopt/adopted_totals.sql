-- name: adopted_totals()^
-- What an adoption left: the same totals, and what was made from the runs.
SELECT r.*, t.*, (SELECT count(*) FROM sentiment_events WHERE source = 'adopted') AS adopted_votes
FROM (SELECT count(*) AS runs, CAST(coalesce(sum(id), 0) AS bigint) AS id_sum, count(sentiment) AS votes
      FROM users_threads_runs) AS r,
     (SELECT CAST(coalesce(sum(run_count), 0) AS bigint) AS thread_runs,
             count(*) FILTER (WHERE shared) AS shared_threads
      FROM threads) AS t

-- name: set_sentiment(tenant_id, user_key, run_id)^
-- Last part of set_sentiment: the run now; changes() tells whether the first part wrote an event.
SELECT
  run_id,
  thread_id,
  prompt,
  timestamp,
  sentiment,
  sentiment_at,
  attributes,
  CASE WHEN changes() = 1 THEN 'updated' ELSE 'unchanged' END AS change
FROM users_threads_runs
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id

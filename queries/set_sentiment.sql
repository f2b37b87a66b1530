-- name: set_sentiment(tenant_id, user_key, run_id, sentiment, comment, at, event_id)^
-- The run after the vote, and whether it changed; no row where the run is absent or another owner's.
-- returns: attributes: dict[str, Any]
-- raises: NotFound
WITH run AS (
  SELECT run_id, tenant_id, email, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes
  FROM users_threads_runs
  WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
  FOR NO KEY UPDATE /* two clicks at once are judged one after the other */
), event AS (
  INSERT INTO sentiment_events
    (run_id, event_id, tenant_id, user_key, sentiment_before, sentiment, comment, voted_at, source)
  SELECT run_id, :event_id, tenant_id, email, sentiment, :sentiment, :comment,
    coalesce(:at, greatest(clock_timestamp(), sentiment_at)), 'api' /* without a time, the last to commit counts */
  FROM run
  WHERE (sentiment IS DISTINCT FROM :sentiment OR CAST(:comment AS text) IS NOT NULL)
    AND (sentiment_at IS NULL OR sentiment_at <= coalesce(:at, sentiment_at))
  ON CONFLICT (run_id, event_id) DO NOTHING
  RETURNING sentiment, voted_at
)
SELECT
  run.run_id,
  run.thread_id,
  run.prompt,
  run.timestamp,
  CASE WHEN event.voted_at IS NULL THEN run.sentiment ELSE event.sentiment END AS sentiment,
  coalesce(event.voted_at, run.sentiment_at) AS sentiment_at,
  run.attributes,
  CASE WHEN event.voted_at IS NULL THEN 'unchanged' ELSE 'updated' END AS change
FROM run LEFT JOIN event ON true

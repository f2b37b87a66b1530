-- name: set_sentiment(tenant_id, user_key, run_id, sentiment, comment, at, event_id, now)!
-- First part of set_sentiment: the event, where it changes something and is not older; its trigger votes on the run.
INSERT INTO sentiment_events
  (run_id, event_id, tenant_id, user_key, sentiment_before, sentiment, comment, voted_at, source)
SELECT run_id, :event_id, tenant_id, email, sentiment, :sentiment, :comment,
  coalesce(:at, max(:now, coalesce(sentiment_at, :now))), 'api' /* without a time, the last to commit counts */
FROM users_threads_runs
WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
  AND (sentiment IS NOT :sentiment OR :comment IS NOT NULL)
  AND (sentiment_at IS NULL OR sentiment_at <= coalesce(:at, sentiment_at))
ON CONFLICT (run_id, event_id) DO NOTHING

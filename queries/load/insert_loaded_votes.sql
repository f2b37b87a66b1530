-- name: insert_loaded_votes()!
-- The number of history rows for votes and comments of staged runs that are not stored yet.
-- needs: stage_runs
INSERT INTO sentiment_events
  (run_id, event_id, tenant_id, user_key, sentiment, comment, voted_at, source)
SELECT s.run_id, s.event_id, s.tenant_id, s.user_key, s.sentiment, s.comment, coalesce(s.sentiment_at, s.timestamp), 'load'
FROM stage_runs AS s LEFT JOIN users_threads_runs AS r ON r.run_id = s.run_id
WHERE (s.sentiment IS NOT NULL OR s.comment IS NOT NULL) AND r.run_id IS NULL
ON CONFLICT (run_id, event_id) DO NOTHING

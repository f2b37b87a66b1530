-- name: update_loaded_votes()!
-- The number of votes in the stage that differ from the stored run's, or say why for the first time, and are not older.
-- needs: stage_runs
INSERT INTO sentiment_events /* each with an id of its own: a vote may flip back to one that was loaded before */
  (run_id, tenant_id, user_key, sentiment_before, sentiment, comment, voted_at, source)
SELECT r.run_id, r.tenant_id, r.email, r.sentiment,
  CASE WHEN s.has_sentiment THEN s.sentiment ELSE r.sentiment END, s.comment,
  coalesce(s.sentiment_at, CASE WHEN r.sentiment_at > s.timestamp THEN r.sentiment_at ELSE s.timestamp END), 'api'
FROM stage_runs AS s JOIN users_threads_runs AS r
  ON r.run_id = s.run_id AND r.email = s.user_key AND r.tenant_id = s.tenant_id
WHERE (s.has_sentiment AND s.sentiment IS DISTINCT FROM r.sentiment
       AND (r.sentiment_at IS NULL OR r.sentiment_at <= coalesce(s.sentiment_at, s.timestamp)))
  OR (s.comment IS NOT NULL AND (NOT s.has_sentiment OR s.sentiment IS NOT DISTINCT FROM r.sentiment)
      AND (s.sentiment_at IS NULL OR r.sentiment_at IS NULL OR r.sentiment_at <= s.sentiment_at)
      AND NOT EXISTS (SELECT 1 FROM sentiment_events AS e WHERE e.run_id = r.run_id
                      AND e.comment = s.comment AND e.sentiment IS NOT DISTINCT FROM r.sentiment))

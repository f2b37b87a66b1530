-- name: count_loaded_updates()$
-- The number of stored runs that differ from the stage in anything that an update would take over.
-- needs: stage_runs
SELECT count(*) AS run_count
FROM stage_runs AS s JOIN users_threads_runs AS r
  ON r.run_id = s.run_id AND r.email = s.user_key AND r.tenant_id = s.tenant_id
WHERE (s.has_thread AND r.thread_id <> s.thread_id)
  OR (s.has_prompt AND r.prompt IS DISTINCT FROM s.prompt)
  OR r.timestamp IS DISTINCT FROM s.timestamp
  OR r.attributes || s.attributes <> r.attributes
  OR (s.has_sentiment AND s.sentiment IS DISTINCT FROM r.sentiment
      AND (r.sentiment_at IS NULL OR r.sentiment_at <= coalesce(s.sentiment_at, s.timestamp)))
  OR (s.comment IS NOT NULL AND (NOT s.has_sentiment OR s.sentiment IS NOT DISTINCT FROM r.sentiment)
      AND (s.sentiment_at IS NULL OR r.sentiment_at IS NULL OR r.sentiment_at <= s.sentiment_at)
      AND NOT EXISTS (SELECT 1 FROM sentiment_events AS e WHERE e.run_id = r.run_id
                      AND e.comment = s.comment AND e.sentiment IS NOT DISTINCT FROM r.sentiment))

-- name: stage_run(line, tenant_id, user_key, thread_id, run_id, prompt, timestamp, sentiment, sentiment_at, comment, event_id, attributes, has_thread, has_prompt, has_sentiment)*!
-- The number of runs put into the stage of a load.
-- param attributes: dict[str, Any]
-- needs: stage_runs
INSERT INTO stage_runs
  (line, tenant_id, user_key, thread_id, run_id, prompt, timestamp, sentiment, sentiment_at, comment, event_id, attributes,
   has_thread, has_prompt, has_sentiment)
VALUES
  (:line, :tenant_id, :user_key, :thread_id, :run_id, :prompt, :timestamp, :sentiment, :sentiment_at, :comment, :event_id,
   :attributes, :has_thread, :has_prompt, :has_sentiment)

-- name: copy_run(tenant_id, user_key, thread_id, run_id, prompt, timestamp, sentiment, sentiment_at, attributes)*!
-- The number of runs written to a snapshot, as they are.
-- param prompt: str | None
-- param timestamp: datetime | None
-- param sentiment: bool | None
-- param sentiment_at: datetime | None
INSERT INTO users_threads_runs
  (tenant_id, email, thread_id, run_id, prompt, timestamp, sentiment, sentiment_at, attributes)
VALUES
  (:tenant_id, :user_key, :thread_id, :run_id, :prompt, :timestamp, :sentiment, :sentiment_at, :attributes)

-- name: copy_vote(tenant_id, user_key, run_id, event_id, sentiment_before, sentiment, comment, voted_at, source)*!
-- The number of votes written to the history of a snapshot, as they are.
-- param sentiment_before: bool | None
-- param sentiment: bool | None
-- param comment: str | None
INSERT INTO sentiment_events
  (tenant_id, user_key, run_id, event_id, sentiment_before, sentiment, comment, voted_at, source)
VALUES
  (:tenant_id, :user_key, :run_id, :event_id, :sentiment_before, :sentiment, :comment, :voted_at, :source)

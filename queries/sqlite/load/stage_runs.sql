-- name: stage_runs()#
-- A temporary table for the runs of one load; the next load empties it.
CREATE TEMP TABLE IF NOT EXISTS stage_runs (
  line INTEGER NOT NULL,
  tenant_id TEXT NOT NULL,
  user_key TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  prompt TEXT,
  timestamp TEXT NOT NULL,
  sentiment INTEGER,
  sentiment_at TEXT,
  comment TEXT,
  event_id TEXT NOT NULL,
  attributes TEXT NOT NULL,
  has_thread INTEGER NOT NULL,
  has_prompt INTEGER NOT NULL,
  has_sentiment INTEGER NOT NULL
);
DELETE FROM temp.stage_runs

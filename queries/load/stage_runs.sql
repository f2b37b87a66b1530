-- name: stage_runs()#
-- A temporary table for the runs of one load; it ends with the transaction.
CREATE TEMP TABLE IF NOT EXISTS stage_runs (
  line BIGINT NOT NULL,
  tenant_id UUID NOT NULL,
  user_key TEXT COLLATE "C" NOT NULL,
  thread_id TEXT COLLATE "C" NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  prompt TEXT,
  timestamp TIMESTAMPTZ NOT NULL,
  sentiment BOOLEAN,
  sentiment_at TIMESTAMPTZ,
  comment TEXT,
  event_id UUID NOT NULL,
  attributes JSONB NOT NULL,
  has_thread BOOLEAN NOT NULL,
  has_prompt BOOLEAN NOT NULL,
  has_sentiment BOOLEAN NOT NULL
) ON COMMIT DROP;
TRUNCATE pg_temp.stage_runs

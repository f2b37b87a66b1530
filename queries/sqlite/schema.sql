-- name: schema()#
-- The tables, indexes, triggers and view of a fresh SQLite database.

CREATE TABLE users_threads_runs (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  run_id TEXT NOT NULL CONSTRAINT users_threads_runs_run_id_key UNIQUE,
  prompt TEXT,
  timestamp TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'),
  sentiment INTEGER DEFAULT NULL,
  tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  attributes TEXT NOT NULL DEFAULT '{}',
  sentiment_at TEXT,
  CONSTRAINT users_threads_runs_ids_check
    CHECK (length(email) BETWEEN 1 AND 255 AND length(thread_id) BETWEEN 1 AND 255 AND length(run_id) BETWEEN 1 AND 255),
  CONSTRAINT users_threads_runs_prompt_check CHECK (length(prompt) <= 1000000),
  CONSTRAINT users_threads_runs_attributes_check CHECK (json_type(attributes) = 'object'),
  CONSTRAINT users_threads_runs_sentiment_check CHECK (sentiment IN (0, 1)),
  CONSTRAINT users_threads_runs_timestamp_check
    CHECK (timestamp LIKE '____-__-__T__:__:__.______+00:00' AND timestamp >= '1971' AND timestamp < '9999'
           AND sentiment_at LIKE '____-__-__T__:__:__.______+00:00')
);

CREATE INDEX idx_users_threads_runs_email_thread ON users_threads_runs (email, thread_id, timestamp, id);
CREATE INDEX idx_users_threads_runs_tenant_timestamp ON users_threads_runs (tenant_id, timestamp);

CREATE TABLE threads (
  thread_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  user_key TEXT,
  title TEXT,
  attributes TEXT NOT NULL DEFAULT '{}',
  source TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'),
  deleted_at TEXT,
  run_count INTEGER NOT NULL DEFAULT 0,
  latest_timestamp TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000000+00:00',
  first_prompt TEXT,
  first_prompt_timestamp TEXT,
  first_prompt_id INTEGER,
  shared INTEGER NOT NULL DEFAULT 0 /* adopted with runs of several owners */
);

CREATE INDEX threads_owner_latest ON threads (tenant_id, user_key, latest_timestamp DESC, thread_id);

CREATE TABLE sentiment_events (
  run_id TEXT NOT NULL,
  event_id TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
  tenant_id TEXT NOT NULL,
  user_key TEXT NOT NULL,
  sentiment_before INTEGER,
  sentiment INTEGER CHECK (sentiment IN (0, 1)),
  comment TEXT CHECK (length(comment) <= 1000),
  voted_at TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT 'sql',
  PRIMARY KEY (run_id, event_id)
);

CREATE VIEW conversations AS
SELECT
  CASE WHEN length(thread_id) = 36 AND thread_id NOT GLOB '*[^0-9a-f-]*' THEN thread_id END AS id,
  tenant_id,
  CASE WHEN length(user_key) = 36 AND user_key NOT GLOB '*[^0-9a-f-]*' THEN user_key END AS user_id,
  title,
  created_at,
  updated_at,
  thread_id,
  user_key
FROM threads
WHERE deleted_at IS NULL;

/* RI001: the thread or run belongs to another owner. RI002: the owner deleted the thread. */
CREATE TRIGGER ri_runs_inserted AFTER INSERT ON users_threads_runs
BEGIN
  SELECT RAISE(ABORT, 'RI002') FROM threads WHERE thread_id = NEW.thread_id AND tenant_id = NEW.tenant_id
    AND user_key = NEW.email AND deleted_at IS NOT NULL;
  SELECT RAISE(ABORT, 'RI001') FROM threads WHERE thread_id = NEW.thread_id
    AND (tenant_id <> NEW.tenant_id OR user_key IS NOT NEW.email OR deleted_at IS NOT NULL);
  INSERT INTO threads (thread_id, tenant_id, user_key, run_count, latest_timestamp,
                       first_prompt, first_prompt_timestamp, first_prompt_id)
  VALUES (NEW.thread_id, NEW.tenant_id, NEW.email, 1, coalesce(NEW.timestamp, '1970-01-01T00:00:00.000000+00:00'),
          nullif(NEW.prompt, ''),
          CASE WHEN NEW.prompt <> '' THEN coalesce(NEW.timestamp, '1970-01-01T00:00:00.000000+00:00') END,
          CASE WHEN NEW.prompt <> '' THEN NEW.id END)
  ON CONFLICT (thread_id) DO UPDATE SET
    run_count = run_count + 1,
    latest_timestamp = max(latest_timestamp, excluded.latest_timestamp),
    updated_at = excluded.updated_at,
    first_prompt = CASE WHEN (excluded.first_prompt_timestamp, excluded.first_prompt_id)
        < (first_prompt_timestamp, first_prompt_id) OR first_prompt_id IS NULL
      THEN excluded.first_prompt ELSE first_prompt END,
    first_prompt_timestamp = coalesce(min(first_prompt_timestamp, excluded.first_prompt_timestamp),
                                      first_prompt_timestamp, excluded.first_prompt_timestamp),
    first_prompt_id = CASE WHEN (excluded.first_prompt_timestamp, excluded.first_prompt_id)
        < (first_prompt_timestamp, first_prompt_id) OR first_prompt_id IS NULL
      THEN excluded.first_prompt_id ELSE first_prompt_id END;
END;

CREATE TRIGGER ri_runs_deleted AFTER DELETE ON users_threads_runs
BEGIN
  UPDATE threads SET
    run_count = run_count - 1,
    latest_timestamp = coalesce((
      SELECT r.timestamp FROM users_threads_runs AS r
      WHERE r.email = user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id
      ORDER BY r.timestamp DESC NULLS LAST, r.id DESC LIMIT 1), '1970-01-01T00:00:00.000000+00:00'),
    (first_prompt, first_prompt_timestamp, first_prompt_id) = (
      SELECT r.prompt, coalesce(r.timestamp, '1970-01-01T00:00:00.000000+00:00'), r.id
      FROM users_threads_runs AS r
      WHERE r.email = user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id
        AND r.prompt <> ''
      ORDER BY r.timestamp NULLS FIRST, r.id LIMIT 1),
    updated_at = strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'
  WHERE thread_id = OLD.thread_id AND tenant_id = OLD.tenant_id AND user_key = OLD.email;
  DELETE FROM sentiment_events WHERE run_id = OLD.run_id;
END;

CREATE TRIGGER ri_run_changed
AFTER UPDATE OF email, thread_id, run_id, prompt, timestamp, tenant_id ON users_threads_runs
WHEN (OLD.email, OLD.thread_id, OLD.run_id, OLD.tenant_id) <> (NEW.email, NEW.thread_id, NEW.run_id, NEW.tenant_id)
  OR OLD.prompt IS NOT NEW.prompt OR OLD.timestamp IS NOT NEW.timestamp
BEGIN
  SELECT RAISE(ABORT, 'RI001') WHERE NEW.email <> OLD.email OR NEW.tenant_id <> OLD.tenant_id;
  SELECT RAISE(ABORT, 'RI002') FROM threads WHERE thread_id = NEW.thread_id AND tenant_id = NEW.tenant_id
    AND user_key = NEW.email AND deleted_at IS NOT NULL;
  SELECT RAISE(ABORT, 'RI001') FROM threads WHERE thread_id = NEW.thread_id
    AND (tenant_id <> NEW.tenant_id OR user_key IS NOT NEW.email OR deleted_at IS NOT NULL);
  UPDATE sentiment_events SET run_id = NEW.run_id WHERE run_id = OLD.run_id AND NEW.run_id <> OLD.run_id;
  INSERT INTO threads (thread_id, tenant_id, user_key) VALUES (NEW.thread_id, NEW.tenant_id, NEW.email)
  ON CONFLICT (thread_id) DO NOTHING;
  UPDATE threads SET
    run_count = run_count - (thread_id = OLD.thread_id) + (thread_id = NEW.thread_id),
    latest_timestamp = coalesce((
      SELECT r.timestamp FROM users_threads_runs AS r
      WHERE r.email = user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id
      ORDER BY r.timestamp DESC NULLS LAST, r.id DESC LIMIT 1), '1970-01-01T00:00:00.000000+00:00'),
    (first_prompt, first_prompt_timestamp, first_prompt_id) = (
      SELECT r.prompt, coalesce(r.timestamp, '1970-01-01T00:00:00.000000+00:00'), r.id
      FROM users_threads_runs AS r
      WHERE r.email = user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id
        AND r.prompt <> ''
      ORDER BY r.timestamp NULLS FIRST, r.id LIMIT 1),
    updated_at = strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'
  WHERE thread_id IN (OLD.thread_id, NEW.thread_id);
END;

/* set_sentiment writes the event; the event votes on the run. */
CREATE TRIGGER ri_vote_inserted AFTER INSERT ON sentiment_events WHEN NEW.source = 'api'
BEGIN
  UPDATE users_threads_runs SET sentiment = NEW.sentiment, sentiment_at = NEW.voted_at
  WHERE run_id = NEW.run_id AND tenant_id = NEW.tenant_id AND email = NEW.user_key
    AND (sentiment_at IS NULL OR sentiment_at <= NEW.voted_at);
END;

/* A raw UPDATE of sentiment leaves an event too; ours sets sentiment_at in the same statement. */
CREATE TRIGGER ri_run_voted AFTER UPDATE OF sentiment ON users_threads_runs
WHEN OLD.sentiment IS NOT NEW.sentiment AND OLD.sentiment_at IS NEW.sentiment_at AND NOT EXISTS (
  SELECT 1 FROM sentiment_events WHERE run_id = NEW.run_id AND source = 'api'
    AND voted_at IS NEW.sentiment_at AND sentiment IS NEW.sentiment)
BEGIN
  /* this clock has milliseconds, the vote before it may have microseconds */
  UPDATE users_threads_runs
  SET sentiment_at = max(coalesce(sentiment_at, ''), strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00')
  WHERE id = NEW.id;
  INSERT INTO sentiment_events (run_id, tenant_id, user_key, sentiment_before, sentiment, voted_at)
  SELECT NEW.run_id, NEW.tenant_id, NEW.email, OLD.sentiment, NEW.sentiment, sentiment_at
  FROM users_threads_runs WHERE id = NEW.id;
END;

/* RI004: the thread holds runs of several owners. */
CREATE TRIGGER ri_thread_deleted AFTER UPDATE OF deleted_at ON threads
WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'RI004') WHERE NEW.shared;
  DELETE FROM users_threads_runs
  WHERE email = NEW.user_key AND thread_id = NEW.thread_id AND tenant_id = NEW.tenant_id;
END;

/* The secret under which erased owners are remembered for an hour; one row. */
CREATE TABLE erasure_key (
  id INTEGER NOT NULL PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  secret BLOB NOT NULL DEFAULT (randomblob(32)) CHECK (length(secret) BETWEEN 16 AND 64)
);

INSERT INTO erasure_key DEFAULT VALUES;

CREATE TABLE erased_owners (
  owner_mark TEXT NOT NULL PRIMARY KEY,
  erased_at TEXT NOT NULL
);

/* What purge took out of users_threads_runs, per quarter hour: all counts = these + those of the table. */
CREATE TABLE retained_counts (
  tenant_id TEXT NOT NULL,
  quarter TEXT NOT NULL,
  runs INTEGER NOT NULL,
  rated INTEGER NOT NULL,
  liked INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, quarter)
);

CREATE TABLE runinsights_schema (
  version INTEGER NOT NULL PRIMARY KEY,
  applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'),
  checksum TEXT
);

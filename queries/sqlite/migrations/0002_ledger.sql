-- name: 0002_ledger()#
-- Checksums of migrations; erasure and purge.

ALTER TABLE runinsights_schema ADD COLUMN checksum TEXT;

ALTER TABLE threads ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER ri_thread_deleted;

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

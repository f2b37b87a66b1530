-- name: alter_table_in_zone()#
-- The table's columns as this package has them, where its times are in the zone that was declared.

/* One statement, so that the rows are written anew once at most. */
ALTER TABLE users_threads_runs
  ALTER COLUMN id TYPE BIGINT,
  ALTER COLUMN email TYPE VARCHAR(255) COLLATE "C",
  ALTER COLUMN email SET NOT NULL,
  ALTER COLUMN thread_id TYPE VARCHAR(255) COLLATE "C",
  ALTER COLUMN thread_id SET NOT NULL,
  ALTER COLUMN run_id TYPE VARCHAR(255) COLLATE "C",
  ALTER COLUMN run_id SET NOT NULL,
  ALTER COLUMN timestamp DROP DEFAULT,
  ALTER COLUMN timestamp TYPE TIMESTAMPTZ USING timestamp AT TIME ZONE current_setting('runinsights.source_tz'),
  ALTER COLUMN timestamp SET DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN IF NOT EXISTS sentiment BOOLEAN DEFAULT NULL,
  ADD COLUMN tenant_id UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN attributes JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN sentiment_at TIMESTAMPTZ,
  SET (fillfactor = 90);

-- name: adopt_checks()#
-- The checks of this package's table; one that stored rows break is left out, for it would refuse their votes too.
ALTER TABLE users_threads_runs
  DROP CONSTRAINT IF EXISTS users_threads_runs_email_check,
  DROP CONSTRAINT IF EXISTS users_threads_runs_prompt_check,
  DROP CONSTRAINT IF EXISTS users_threads_runs_timestamp_check;

DO $$
BEGIN
  /* Together they read the table once. */
  ALTER TABLE users_threads_runs
    ADD CONSTRAINT users_threads_runs_email_check CHECK (email <> ''),
    ADD CONSTRAINT users_threads_runs_prompt_check CHECK (length(prompt) <= 1000000),
    ADD CONSTRAINT users_threads_runs_timestamp_check
      CHECK (timestamp >= '1971-01-01 00:00:00+00' AND timestamp < '9999-01-01 00:00:00+00');
EXCEPTION WHEN check_violation THEN
  IF NOT EXISTS (SELECT FROM users_threads_runs WHERE email = '') THEN
    ALTER TABLE users_threads_runs ADD CONSTRAINT users_threads_runs_email_check CHECK (email <> '');
  END IF;
  IF NOT EXISTS (SELECT FROM users_threads_runs WHERE length(prompt) > 1000000) THEN
    ALTER TABLE users_threads_runs ADD CONSTRAINT users_threads_runs_prompt_check CHECK (length(prompt) <= 1000000);
  END IF;
  IF NOT EXISTS (SELECT FROM users_threads_runs
                 WHERE timestamp < '1971-01-01 00:00:00+00' OR timestamp >= '9999-01-01 00:00:00+00') THEN
    ALTER TABLE users_threads_runs ADD CONSTRAINT users_threads_runs_timestamp_check
      CHECK (timestamp >= '1971-01-01 00:00:00+00' AND timestamp < '9999-01-01 00:00:00+00');
  END IF;
END $$;

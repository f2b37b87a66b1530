-- name: server_facts()^
-- What the server is like for this connection: encoding, role, what it may write, its zone and its clock.
SELECT
  current_setting('server_encoding') AS encoding,
  CAST(current_user AS text) AS role_name,
  (SELECT coalesce(bool_or(rolsuper), false) FROM pg_roles WHERE rolname = current_user) AS is_superuser,
  (SELECT coalesce(bool_or(rolbypassrls), false) FROM pg_roles WHERE rolname = current_user) AS bypasses_rls,
  current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery() AS is_read_only,
  current_setting('TimeZone') AS time_zone,
  clock_timestamp() AS server_time

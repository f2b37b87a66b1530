-- name: server_facts(now)^
-- What the server is like for this connection: encoding, role, what it may write, its zone and its clock.
SELECT
  encoding, '' AS role_name, 0 AS is_superuser, 0 AS bypasses_rls,
  (SELECT query_only FROM pragma_query_only) AS is_read_only, 'UTC' AS time_zone, :now AS server_time
FROM pragma_encoding

-- name: original_table()^
-- What the catalogue says of a table users_threads_runs that is not this package's yet; no row where there is none.
-- returns: kind!, is_owner!, hides_rows!, columns!: dict[str, str]
WITH keys AS (
  SELECT i.indrelid, a.attname, i.indisprimary
  FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indisunique AND i.indimmediate AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL
)
SELECT
  CASE WHEN c.relpersistence = 't' THEN 'temporary table'
       WHEN c.relispartition THEN 'partition'
       WHEN EXISTS (SELECT FROM pg_inherits AS h WHERE c.oid IN (h.inhparent, h.inhrelid)) AND c.relkind = 'r'
         THEN 'inherited table'
       ELSE CAST(json_build_object('r', 'table', 'p', 'partitioned table', 'v', 'view', 'm', 'materialized view',
                                   'f', 'foreign table') ->> CAST(c.relkind AS text) AS text) END AS kind,
  pg_has_role(c.relowner, 'USAGE') AS is_owner,
  row_security_active(c.oid) AS hides_rows,
  (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, NULL)) FROM pg_attribute AS a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  ARRAY(SELECT CAST(a.attname AS text) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef
          AND a.attidentity = '' AND a.attname NOT IN ('email', 'thread_id', 'run_id')
        ORDER BY a.attnum) AS unfilled,
  EXISTS (SELECT FROM keys AS k WHERE k.indrelid = c.oid AND k.attname = 'id' AND k.indisprimary) AS has_primary_key,
  EXISTS (SELECT FROM keys AS k WHERE k.indrelid = c.oid AND k.attname = 'run_id') AS has_unique_run_id,
  ARRAY(SELECT CAST(o.relname AS text) FROM pg_class AS o LEFT JOIN pg_index AS i ON i.indexrelid = o.oid
        WHERE o.relnamespace = c.relnamespace
          AND o.relname IN ('idx_users_threads_runs_email_thread', 'idx_users_threads_runs_tenant_timestamp')
          AND i.indrelid IS DISTINCT FROM c.oid
        ORDER BY o.relname) AS taken
FROM pg_class AS c
WHERE c.oid = to_regclass(quote_ident(current_schema()) || '.users_threads_runs')

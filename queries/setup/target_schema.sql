-- name: target_schema()^
-- The schema where tables would be made (None: search_path names none), whether this role may do so, and where else the runs are.
SELECT
  CAST(current_schema() AS text) AS schema_name,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
  (SELECT CAST(n.nspname AS text) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.oid = to_regclass('users_threads_runs') AND n.nspname <> current_schema()) AS original_in

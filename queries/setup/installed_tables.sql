-- name: installed_tables()
-- Which names of the package's tables and view are taken in this database, by whatever table, view or index.
SELECT names.table_name
FROM (VALUES
  ('conversations'), ('erased_owners'), ('erasure_key'), ('retained_counts'), ('runinsights_schema'),
  ('sentiment_events'), ('threads'), ('users_threads_runs')
) AS names (table_name)
WHERE to_regclass(quote_ident(current_schema()) || '.' || names.table_name) IS NOT NULL
ORDER BY names.table_name

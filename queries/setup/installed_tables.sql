-- name: installed_tables()
-- Which of the package's own table names are taken in this database.
-- returns: table_name!
SELECT names.table_name
FROM (VALUES ('runinsights_schema'), ('sentiment_events'), ('threads'), ('users_threads_runs')) AS names (table_name)
WHERE to_regclass(quote_ident(current_schema()) || '.' || names.table_name) IS NOT NULL
ORDER BY names.table_name

-- name: installed_tables()
-- Which of the package's own table names are taken in this database.
SELECT name AS table_name
FROM sqlite_master
WHERE type = 'table' AND name IN ('runinsights_schema', 'sentiment_events', 'threads', 'users_threads_runs')
ORDER BY name

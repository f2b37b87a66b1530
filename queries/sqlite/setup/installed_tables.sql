-- name: installed_tables()
-- Which names of the package's tables and view are taken in this database, by whatever table, view or index.
SELECT lower(name) AS table_name
FROM sqlite_master
WHERE type <> 'trigger'
  AND lower(name) IN ('conversations', 'erased_owners', 'erasure_key', 'retained_counts', 'runinsights_schema',
    'sentiment_events', 'threads', 'users_threads_runs')
ORDER BY 1

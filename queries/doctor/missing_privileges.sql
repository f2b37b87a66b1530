-- name: missing_privileges()
-- Which privileges a service needs on the package's tables and this role lacks, by table.
SELECT t.name AS table_name, p.name AS privilege_name
FROM (VALUES ('users_threads_runs'), ('threads'), ('sentiment_events')) AS t (name)
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
WHERE to_regclass(t.name) IS NOT NULL AND NOT has_table_privilege(to_regclass(t.name), p.name)
ORDER BY t.name, p.name

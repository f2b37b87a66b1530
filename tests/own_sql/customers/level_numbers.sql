-- name: level_numbers()
-- A cast of JSON null is NULL on PostgreSQL 18, though the column is NOT NULL.
SELECT id, CAST(level AS integer) AS level_number
FROM customers
WHERE jsonb_typeof(level) = 'number' OR current_setting('server_version_num')::integer >= 180000
ORDER BY id

-- name: missing_privileges()
-- Which privileges a service needs on the package's tables and this role lacks, by table.
SELECT '' AS table_name, '' AS privilege_name WHERE 0

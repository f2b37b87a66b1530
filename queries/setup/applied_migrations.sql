-- name: applied_migrations()
-- The versions of the schema that this database has been brought to, and the checksums of their migrations.
SELECT version, checksum
FROM runinsights_schema
ORDER BY version

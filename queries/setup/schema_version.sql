-- name: schema_version()$
-- The version of the schema in this database.
-- returns: version!
SELECT max(version) AS version FROM runinsights_schema

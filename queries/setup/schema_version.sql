-- name: schema_version()$
-- The version of the schema in this database; None where its table is empty.
SELECT max(version) AS version FROM runinsights_schema

-- name: schema_version()$
-- The version of the schema in this database; None where its table is empty.
-- returns: version?
SELECT max(version) AS version FROM runinsights_schema

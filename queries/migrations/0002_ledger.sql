-- name: 0002_ledger()#
-- Checksums of migrations.

/* The functions below keep this search path, so it names the schema and nothing that others may write to. */
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

ALTER TABLE runinsights_schema ADD COLUMN checksum TEXT;

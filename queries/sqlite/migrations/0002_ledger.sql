-- name: 0002_ledger()#
-- Checksums of migrations.

ALTER TABLE runinsights_schema ADD COLUMN checksum TEXT;

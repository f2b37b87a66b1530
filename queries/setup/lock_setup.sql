-- name: lock_setup()$
-- True, once no other process sets up this database; the lock ends with the transaction.
SELECT pg_advisory_xact_lock(7236832107001) IS NOT NULL AS locked

-- name: lock_setup()$
-- Always true; the write transaction that this runs in is the lock.
SELECT 1 AS locked

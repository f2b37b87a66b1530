-- name: limit_lock_waits(lock_timeout)$
-- The same text; on SQLite the write transaction that this runs in is the only lock.
SELECT :lock_timeout AS lock_timeout

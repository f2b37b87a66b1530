-- name: limit_lock_waits(lock_timeout)$
-- How long a statement of this transaction waits for a lock, such as 5000ms, before it is refused.
-- returns: lock_timeout!
SELECT set_config('lock_timeout', :lock_timeout, true) AS lock_timeout

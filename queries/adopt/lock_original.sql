-- name: lock_original()#
-- Nobody else reads or writes the table until the transaction ends.
LOCK TABLE users_threads_runs IN ACCESS EXCLUSIVE MODE

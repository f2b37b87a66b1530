-- name: rebuild_summaries(dry_run)$
-- The number of threads whose summary was not that of their runs, and now is, with those that were missing; a dry run only counts.
-- returns: rebuilt!
SELECT ri_rebuild_summaries(:dry_run) AS rebuilt

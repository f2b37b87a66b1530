-- name: analyze_runs()#
-- Fresh statistics for the planner after a large load; a role that may not do this gets a notice and no error.
ANALYZE users_threads_runs, threads, sentiment_events

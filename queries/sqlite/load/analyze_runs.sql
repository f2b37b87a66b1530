-- name: analyze_runs()#
-- Fresh statistics for the planner after a large load.
ANALYZE

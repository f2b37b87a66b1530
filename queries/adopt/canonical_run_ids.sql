-- name: canonical_run_ids()!
-- The number of run ids that are UUIDs in another spelling and were rewritten to the canonical one.
UPDATE users_threads_runs
SET run_id = CAST(CAST(replace(btrim(replace(replace(run_id, 'urn:', ''), 'uuid:', ''), '{}'), '-', '') AS uuid) AS text)
WHERE (run_id NOT LIKE '________-____-____-____-____________' OR run_id <> lower(run_id))
  AND replace(btrim(replace(replace(run_id, 'urn:', ''), 'uuid:', ''), '{}'), '-', '') ~ '^[0-9a-fA-F]{32}$'

-- name: run_id_twins()
-- The first twenty run ids that are the same UUID as another one, and how many ids each has as a twin.
WITH odd AS (
  SELECT run_id, CAST(CAST(replace(btrim(replace(replace(run_id, 'urn:', ''), 'uuid:', ''), '{}'), '-', '') AS uuid)
                      AS text) AS canonical
  FROM users_threads_runs
  WHERE (run_id NOT LIKE '________-____-____-____-____________' OR run_id <> lower(run_id))
    AND replace(btrim(replace(replace(run_id, 'urn:', ''), 'uuid:', ''), '{}'), '-', '') ~ '^[0-9a-fA-F]{32}$'
), same AS (
  SELECT run_id, canonical FROM odd
  UNION ALL
  SELECT r.run_id, r.run_id FROM users_threads_runs AS r WHERE r.run_id IN (SELECT canonical FROM odd)
)
SELECT run_id, count(*) OVER twin - 1 AS twins
FROM same
WHERE canonical IN (SELECT canonical FROM same GROUP BY canonical HAVING count(*) > 1)
WINDOW twin AS (PARTITION BY canonical)
ORDER BY canonical, run_id
LIMIT 20

-- name: releases(tenant_id, matching, attribute, since, until)
-- The first run of each text value of an attribute that no run before the window has, where others came before it: a release.
WITH named AS (
  SELECT timestamp, CASE jsonb_typeof(attributes -> CAST(:attribute AS text))
    WHEN 'string' THEN attributes ->> CAST(:attribute AS text) END COLLATE "C" AS label
  FROM users_threads_runs
  WHERE tenant_id = :tenant_id AND timestamp < :until
    AND attributes @> CAST(:matching AS jsonb)
)
SELECT label, min(timestamp) AS at
FROM named
WHERE label IS NOT NULL
GROUP BY label
HAVING min(timestamp) >= :since AND min(timestamp) > (SELECT min(timestamp) FROM named)
ORDER BY at, label

-- name: releases(tenant_id, matching, attribute, since, until)
-- The first run of each text value of an attribute that no run before the window has, where others came before it: a release.
WITH named AS (
  SELECT r.timestamp, (
    SELECT CASE WHEN a.type = 'text' THEN a.value END
    FROM json_each(r.attributes) AS a WHERE a.key = :attribute) AS label
  FROM users_threads_runs AS r
  WHERE r.tenant_id = :tenant_id AND r.timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
)
SELECT label, min(timestamp) AS at
FROM named
WHERE label IS NOT NULL
GROUP BY label
HAVING min(timestamp) >= :since AND min(timestamp) > (SELECT min(timestamp) FROM named)
ORDER BY at, label

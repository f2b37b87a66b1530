-- name: attribute_keys(tenant_id, matching, since, until)
-- The attributes that runs of the window have, with the number of runs; most runs first.
SELECT keys.key AS attribute, count(*) AS runs
FROM users_threads_runs AS r CROSS JOIN json_each(r.attributes) AS keys
WHERE r.tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
GROUP BY keys.key
ORDER BY runs DESC, keys.key

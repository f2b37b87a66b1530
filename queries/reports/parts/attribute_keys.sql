-- name: attribute_keys(tenant_id, matching, since, until)
-- The attributes that runs of the window have, with the number of runs; most runs first.
-- returns: attribute!
SELECT keys.attribute, count(*) AS runs
FROM users_threads_runs AS r CROSS JOIN LATERAL jsonb_object_keys(r.attributes) AS keys (attribute)
WHERE r.tenant_id = :tenant_id AND r.timestamp >= :since AND r.timestamp < :until
  AND r.attributes @> CAST(:matching AS jsonb)
GROUP BY keys.attribute
ORDER BY runs DESC, keys.attribute COLLATE "C"

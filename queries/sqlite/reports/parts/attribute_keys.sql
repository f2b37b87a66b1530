-- name: attribute_keys(tenant_id, matching, since, until)
-- The attributes that runs of the window have, with the number of runs; most runs first.
SELECT keys.key AS attribute, count(*) AS runs
FROM users_threads_runs AS r CROSS JOIN json_each(r.attributes) AS keys
WHERE r.tenant_id = :tenant_id AND timestamp >= :since AND timestamp < :until
  AND NOT EXISTS (
    SELECT 1 FROM json_each(:matching) AS m WHERE NOT EXISTS (
      SELECT 1 FROM json_each(r.attributes) AS a
      WHERE a.key = m.key AND a.value IS m.value
        AND replace(a.type, 'real', 'integer') = replace(m.type, 'real', 'integer')))
GROUP BY keys.key
ORDER BY runs DESC, keys.key

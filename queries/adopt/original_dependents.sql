-- name: original_dependents()
-- What else in the database is made of columns whose types change, and whether it can be dropped and made again.
-- returns: name!
WITH RECURSIVE made_of AS (
  SELECT d.classid, d.objid, d.objsubid
  FROM pg_attribute AS a
  JOIN pg_depend AS d ON d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = a.attrelid
    AND d.refobjsubid = a.attnum
  WHERE a.attrelid = to_regclass(quote_ident(current_schema()) || '.users_threads_runs')
    AND a.attname IN ('id', 'email', 'thread_id', 'run_id', 'timestamp')
  UNION
  SELECT d.classid, d.objid, d.objsubid
  FROM made_of AS m
  JOIN pg_rewrite AS r ON m.classid = CAST('pg_rewrite' AS regclass) AND r.oid = m.objid
  JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
  JOIN pg_depend AS d ON d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = v.oid
    AND d.deptype = 'n'
)
SELECT DISTINCT
  CASE WHEN v.oid IS NULL THEN pg_describe_object(m.classid, m.objid, m.objsubid)
       ELSE pg_describe_object(CAST('pg_class' AS regclass), v.oid, 0) END AS name,
  coalesce(v.relkind = 'v', false)
    AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = v.oid)
    AND NOT EXISTS (SELECT FROM pg_rewrite AS o WHERE o.ev_class = v.oid AND o.rulename <> '_RETURN')
    AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = v.oid
                    AND (a.attacl IS NOT NULL OR a.atthasdef)) AS recreatable
FROM made_of AS m
LEFT JOIN pg_rewrite AS r ON m.classid = CAST('pg_rewrite' AS regclass) AND r.oid = m.objid
LEFT JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
LEFT JOIN pg_attrdef AS f ON m.classid = CAST('pg_attrdef' AS regclass) AND f.oid = m.objid
LEFT JOIN pg_attribute AS g ON g.attrelid = f.adrelid AND g.attnum = f.adnum AND g.attgenerated <> ''
WHERE CAST(CAST(m.classid AS regclass) AS text)
    IN ('pg_rewrite', 'pg_trigger', 'pg_policy', 'pg_proc', 'pg_publication_rel')
  OR g.attname IS NOT NULL
ORDER BY name

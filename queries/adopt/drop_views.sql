-- name: drop_views()#
-- Views that are made of columns whose types change are dropped, and remembered until the transaction ends.

/* With this path the definitions name every schema. */
SELECT set_config('runinsights.search_path', current_setting('search_path'), true),
       set_config('search_path', 'pg_catalog, pg_temp', true);

CREATE TEMPORARY TABLE ri_views ON COMMIT DROP AS
WITH RECURSIVE views AS (
  SELECT r.ev_class AS oid, 1 AS depth
  FROM pg_attribute AS a
  JOIN pg_depend AS d ON d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = a.attrelid
    AND d.refobjsubid = a.attnum AND d.classid = CAST('pg_rewrite' AS regclass)
  JOIN pg_rewrite AS r ON r.oid = d.objid
  WHERE a.attrelid = CAST(current_setting('runinsights.original') AS oid)
    AND a.attname IN ('id', 'email', 'thread_id', 'run_id', 'timestamp')
  UNION
  SELECT r.ev_class, v.depth + 1
  FROM views AS v
  JOIN pg_depend AS d ON d.refclassid = CAST('pg_class' AS regclass) AND d.refobjid = v.oid AND d.deptype = 'n'
    AND d.classid = CAST('pg_rewrite' AS regclass)
  JOIN pg_rewrite AS r ON r.oid = d.objid AND r.ev_class <> v.oid /* until PostgreSQL 15 a view is made of itself */
)
SELECT max(v.depth) AS depth, CAST(CAST(c.oid AS regclass) AS text) AS name, pg_get_viewdef(c.oid) AS definition,
       CAST(CAST(c.relowner AS regrole) AS text) AS owner, c.relacl AS grants, c.reloptions AS options,
       ARRAY(SELECT CASE WHEN o.objsubid = 0 THEN format('VIEW %s IS %L', CAST(c.oid AS regclass), o.description)
                         ELSE format('COLUMN %s.%I IS %L', CAST(c.oid AS regclass), a.attname, o.description) END
             FROM pg_description AS o LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = o.objsubid
             WHERE o.classoid = CAST('pg_class' AS regclass) AND o.objoid = c.oid) AS comments
FROM views AS v JOIN pg_class AS c ON c.oid = v.oid
GROUP BY c.oid;

DO $$
DECLARE
  saved RECORD;
BEGIN
  FOR saved IN SELECT * FROM pg_temp.ri_views ORDER BY depth DESC, name LOOP
    EXECUTE format('DROP VIEW %s', saved.name);
  END LOOP;
END $$;

SELECT set_config('search_path', current_setting('runinsights.search_path'), true);

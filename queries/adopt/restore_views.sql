-- name: restore_views()#
-- Those views are made again from the same text, with owner, grants, options and comments.
DO $$
DECLARE
  saved RECORD;
  held RECORD;
  remark TEXT;
BEGIN
  FOR saved IN SELECT * FROM pg_temp.ri_views ORDER BY depth, name LOOP
    EXECUTE format('CREATE VIEW %s%s AS %s', saved.name,
                   ' WITH (' || array_to_string(saved.options, ', ') || ')', saved.definition);
    EXECUTE format('ALTER VIEW %s OWNER TO %s', saved.name, saved.owner);
    FOR held IN
      SELECT g.privilege_type, g.is_grantable,
             CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE CAST(CAST(g.grantee AS regrole) AS text) END AS grantee
      FROM aclexplode(saved.grants) AS g
    LOOP
      EXECUTE format('GRANT %s ON %s TO %s%s', held.privilege_type, saved.name, held.grantee,
                     CASE WHEN held.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
    END LOOP;
    FOREACH remark IN ARRAY saved.comments LOOP
      EXECUTE 'COMMENT ON ' || remark;
    END LOOP;
  END LOOP;
END $$;

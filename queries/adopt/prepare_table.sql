-- name: prepare_table()#
-- The numbers of runs go beyond 2,147,483,647, and the index that is made anew with two more columns is dropped.

/* An identity column takes its sequence along with its type; a serial one does not. */
DO $$
DECLARE
  numbers REGCLASS;
BEGIN
  FOR numbers IN
    SELECT s.oid
    FROM pg_attrdef AS f
    JOIN pg_attribute AS a ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attname = 'id'
    JOIN pg_depend AS d ON d.classid = CAST('pg_attrdef' AS regclass) AND d.objid = f.oid
    JOIN pg_class AS s ON d.refclassid = CAST('pg_class' AS regclass) AND s.oid = d.refobjid AND s.relkind = 'S'
    WHERE f.adrelid = CAST('users_threads_runs' AS regclass)
  LOOP
    EXECUTE format('ALTER SEQUENCE %s AS bigint', numbers);
  END LOOP;
END $$;

DROP INDEX IF EXISTS idx_users_threads_runs_email_thread;

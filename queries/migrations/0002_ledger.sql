-- name: 0002_ledger()#
-- Checksums of migrations; erasure, purge and deletion with LangGraph's checkpoints.

/* The functions below keep this search path, so it names the schema and nothing that others may write to. */
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

ALTER TABLE runinsights_schema ADD COLUMN checksum TEXT;

ALTER TABLE threads ADD COLUMN shared BOOLEAN NOT NULL DEFAULT false;

/* Rows of LangGraph's tables beside ours, of all namespaces of these threads; 0 where a table is not there. */
CREATE FUNCTION ri_delete_checkpoints(of_threads TEXT[], dry_run BOOLEAN)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  FOREACH table_name IN ARRAY ARRAY['checkpoint_blobs', 'checkpoint_writes', 'checkpoints'] LOOP
    row_count := 0;
    IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attname = 'checkpoint_ns'
               AND a.attrelid = to_regclass(quote_ident(current_schema()) || '.' || table_name)) THEN
      IF dry_run THEN
        EXECUTE format('SELECT count(*) FROM %I WHERE thread_id = ANY ($1)', table_name) INTO row_count USING of_threads;
      ELSE
        EXECUTE format('DELETE FROM %I WHERE thread_id = ANY ($1)', table_name) USING of_threads;
        GET DIAGNOSTICS row_count = ROW_COUNT;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

/* One call, so that the rows are read after the thread's row is locked: a create cannot slip in between.
   RI004: the thread holds runs of several owners, so its checkpoints are not this owner's alone. */
CREATE OR REPLACE FUNCTION ri_delete_thread(of_tenant UUID, of_user TEXT, of_thread TEXT, dry_run BOOLEAN)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  is_shared BOOLEAN;
BEGIN
  SELECT shared INTO is_shared FROM threads
  WHERE thread_id = of_thread AND tenant_id = of_tenant AND user_key = of_user AND deleted_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF is_shared THEN
    RAISE EXCEPTION 'the thread holds runs of several owners' USING ERRCODE = 'RI004';
  END IF;
  RETURN QUERY SELECT * FROM ri_delete_checkpoints(ARRAY[of_thread], dry_run);
  RETURN QUERY
    SELECT 'sentiment_events', count(*) FROM sentiment_events AS e JOIN users_threads_runs AS r USING (run_id)
    WHERE r.email = of_user AND r.thread_id = of_thread AND r.tenant_id = of_tenant
    UNION ALL
    SELECT 'users_threads_runs', count(*) FROM users_threads_runs AS r
    WHERE r.email = of_user AND r.thread_id = of_thread AND r.tenant_id = of_tenant;
  IF NOT dry_run THEN
    DELETE FROM users_threads_runs AS r
    WHERE r.email = of_user AND r.thread_id = of_thread AND r.tenant_id = of_tenant;
    UPDATE threads SET deleted_at = CURRENT_TIMESTAMP, title = NULL, attributes = '{}', source = NULL
    WHERE thread_id = of_thread;
  END IF;
  RETURN QUERY SELECT 'threads', CAST(1 AS BIGINT);
END $$;

/* The secret under which erased owners are remembered for an hour; one row. */
CREATE TABLE erasure_key (
  id BOOLEAN NOT NULL DEFAULT true,
  secret BYTEA NOT NULL DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
  CONSTRAINT erasure_key_pkey PRIMARY KEY (id),
  CONSTRAINT erasure_key_one_row_check CHECK (id),
  CONSTRAINT erasure_key_secret_check CHECK (octet_length(secret) BETWEEN 16 AND 64)
);

INSERT INTO erasure_key DEFAULT VALUES;

CREATE TABLE erased_owners (
  owner_mark BYTEA NOT NULL,
  erased_at TIMESTAMPTZ NOT NULL,
  CONSTRAINT erased_owners_pkey PRIMARY KEY (owner_mark)
);

/* What purge took out of users_threads_runs, per quarter hour: all counts = these + those of the table. */
CREATE TABLE retained_counts (
  tenant_id UUID NOT NULL,
  quarter TIMESTAMPTZ NOT NULL,
  runs BIGINT NOT NULL,
  rated BIGINT NOT NULL,
  liked BIGINT NOT NULL,
  CONSTRAINT retained_counts_pkey PRIMARY KEY (tenant_id, quarter)
);

/* HMAC-SHA256 of tenant and user key. */
CREATE FUNCTION ri_owner_mark(of_tenant UUID, of_user TEXT) RETURNS bytea
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  secret_block BYTEA;
  inner_pad BYTEA := '';
  outer_pad BYTEA := '';
BEGIN
  SELECT secret || decode(repeat('00', 64 - octet_length(secret)), 'hex') INTO secret_block FROM erasure_key;
  FOR i IN 0..63 LOOP
    inner_pad := inner_pad || set_byte('\x00', 0, get_byte(secret_block, i) # 54);
    outer_pad := outer_pad || set_byte('\x00', 0, get_byte(secret_block, i) # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || convert_to(of_tenant || ':' || of_user, 'UTF8')));
END $$;

/* One of 256 locks that new threads share and an erasure has alone, so that neither misses the other. */
CREATE FUNCTION ri_owner_lock(of_tenant UUID, of_user TEXT) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 7236832107256 + (hashtext(CAST(of_tenant AS text) || ':' || of_user) & 255);

/* Somebody erased within the last hour is not made anew by a late write (RI003). */
CREATE FUNCTION ri_thread_inserted() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(ri_owner_lock(NEW.tenant_id, NEW.user_key));
  IF EXISTS (SELECT FROM erased_owners) THEN
    IF EXISTS (SELECT FROM erased_owners WHERE owner_mark = ri_owner_mark(NEW.tenant_id, NEW.user_key)
               AND erased_at > clock_timestamp() - interval '1 hour') THEN
      RAISE EXCEPTION 'the owner was erased' USING ERRCODE = 'RI003';
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER ri_thread_inserted AFTER INSERT ON threads
  FOR EACH ROW WHEN (NEW.user_key IS NOT NULL) EXECUTE FUNCTION ri_thread_inserted();

/* Threads that were adopted with runs of several owners, and whose owner is gone: the earliest run left decides. */
CREATE FUNCTION ri_hand_on(of_threads TEXT[]) RETURNS void
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO threads (thread_id, tenant_id, user_key, shared)
  SELECT DISTINCT ON (r.thread_id) r.thread_id, r.tenant_id, r.email,
    EXISTS (SELECT FROM users_threads_runs AS o
            WHERE o.thread_id = r.thread_id AND (o.tenant_id, o.email) <> (r.tenant_id, r.email))
  FROM users_threads_runs AS r
  WHERE r.thread_id = ANY (of_threads)
  ORDER BY r.thread_id, r.timestamp NULLS FIRST, r.id;
  PERFORM ri_refresh_thread(t.thread_id, t.tenant_id, t.user_key, count(*))
  FROM threads AS t JOIN users_threads_runs AS r
    ON r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id
  WHERE t.thread_id = ANY (of_threads)
  GROUP BY t.thread_id;
END $$;

/* Every statement of the body reads what was committed before it: the locks come first. */
CREATE FUNCTION ri_erase_user(of_tenant UUID, of_user TEXT, dry_run BOOLEAN)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  own_threads TEXT[];
  shared_threads TEXT[];
BEGIN
  PERFORM pg_advisory_xact_lock(ri_owner_lock(of_tenant, of_user));
  PERFORM FROM threads WHERE tenant_id = of_tenant AND user_key = of_user ORDER BY thread_id FOR UPDATE;
  own_threads := ARRAY(SELECT thread_id FROM threads WHERE tenant_id = of_tenant AND user_key = of_user);
  shared_threads := ARRAY(SELECT thread_id FROM threads WHERE thread_id = ANY (own_threads) AND shared);
  RETURN QUERY SELECT * FROM ri_delete_checkpoints(own_threads, dry_run);
  RETURN QUERY
    SELECT 'sentiment_events', count(*) FROM sentiment_events AS e JOIN users_threads_runs AS r USING (run_id)
    WHERE r.email = of_user AND r.tenant_id = of_tenant
    UNION ALL
    SELECT 'threads', cardinality(own_threads)
    UNION ALL
    SELECT 'users_threads_runs', count(*) FROM users_threads_runs AS r
    WHERE r.email = of_user AND r.tenant_id = of_tenant;
  IF NOT dry_run THEN
    DELETE FROM threads WHERE thread_id = ANY (own_threads);
    DELETE FROM users_threads_runs WHERE email = of_user AND tenant_id = of_tenant;
    IF cardinality(shared_threads) > 0 THEN
      PERFORM ri_hand_on(shared_threads);
    END IF;
    INSERT INTO erased_owners AS e (owner_mark, erased_at)
    VALUES (ri_owner_mark(of_tenant, of_user), clock_timestamp())
    ON CONFLICT (owner_mark) DO UPDATE SET erased_at = EXCLUDED.erased_at;
  END IF;
END $$;

/* One batch of runs that are old enough, of threads that nobody else has locked, and the threads that end with them. */
CREATE FUNCTION ri_purge_runs(of_tenant UUID, older_than TIMESTAMPTZ, most INT, keep_counts BOOLEAN)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  picked BIGINT[];
  touched TEXT[];
BEGIN
  SELECT array_agg(p.id), array_agg(DISTINCT p.thread_id) INTO picked, touched FROM (
    SELECT r.id, r.thread_id FROM users_threads_runs AS r JOIN threads AS t ON t.thread_id = r.thread_id
    WHERE r.tenant_id = of_tenant AND r.timestamp < older_than
    ORDER BY r.timestamp, r.id LIMIT most FOR UPDATE SKIP LOCKED) AS p;
  RETURN QUERY
    SELECT 'sentiment_events', count(*) FROM sentiment_events AS e
    WHERE e.run_id = ANY (ARRAY(SELECT r.run_id FROM users_threads_runs AS r WHERE r.id = ANY (picked)));
  WITH gone AS (
    DELETE FROM users_threads_runs WHERE id = ANY (picked) RETURNING timestamp, sentiment
  )
  INSERT INTO retained_counts AS c (tenant_id, quarter, runs, rated, liked)
  SELECT of_tenant, date_bin('15 minutes', timestamp, 'epoch'), count(*), count(sentiment),
         count(*) FILTER (WHERE sentiment)
  FROM gone WHERE keep_counts GROUP BY 2 ORDER BY 2
  ON CONFLICT (tenant_id, quarter) DO UPDATE SET
    runs = c.runs + EXCLUDED.runs, rated = c.rated + EXCLUDED.rated, liked = c.liked + EXCLUDED.liked;
  RETURN QUERY SELECT 'users_threads_runs', CAST(coalesce(cardinality(picked), 0) AS BIGINT);
  touched := ARRAY(
    SELECT t.thread_id FROM threads AS t
    WHERE t.thread_id = ANY (touched) AND t.run_count = 0 AND NOT t.shared AND t.deleted_at IS NULL
      AND t.title IS NULL AND t.source IS NULL AND t.attributes = '{}');
  RETURN QUERY SELECT * FROM ri_delete_checkpoints(touched, false);
  DELETE FROM threads AS t WHERE t.thread_id = ANY (touched);
  RETURN QUERY SELECT 'threads', CAST(cardinality(touched) AS BIGINT);
END $$;

/* What ri_purge_runs would take in all its batches. */
CREATE FUNCTION ri_count_purge(of_tenant UUID, older_than TIMESTAMPTZ)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  ending TEXT[];
BEGIN
  ending := ARRAY(
    SELECT t.thread_id FROM threads AS t
    WHERE t.tenant_id = of_tenant AND t.latest_timestamp < older_than AND t.run_count > 0 AND NOT t.shared
      AND t.deleted_at IS NULL AND t.title IS NULL AND t.source IS NULL AND t.attributes = '{}'
      AND NOT EXISTS (SELECT FROM users_threads_runs AS r WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key
                      AND r.thread_id = t.thread_id AND r.timestamp IS NULL));
  RETURN QUERY SELECT * FROM ri_delete_checkpoints(ending, true);
  RETURN QUERY
    SELECT 'sentiment_events', count(*) FROM sentiment_events AS e JOIN users_threads_runs AS r USING (run_id)
    WHERE r.tenant_id = of_tenant AND r.timestamp < older_than
    UNION ALL
    SELECT 'threads', CAST(cardinality(ending) AS BIGINT)
    UNION ALL
    SELECT 'users_threads_runs', count(*) FROM users_threads_runs AS r
    WHERE r.tenant_id = of_tenant AND r.timestamp < older_than;
END $$;

/* Which of LangGraph's checkpoints belong to an owner's threads; none where its table is not there. */
CREATE FUNCTION ri_checkpoints_of(of_tenant UUID, of_user TEXT)
  RETURNS TABLE (thread_id TEXT, checkpoint_ns TEXT, checkpoint_id TEXT)
  LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attname = 'checkpoint_ns'
             AND a.attrelid = to_regclass(quote_ident(current_schema()) || '.checkpoints')) THEN
    RETURN QUERY EXECUTE 'SELECT c.thread_id, c.checkpoint_ns, c.checkpoint_id
      FROM checkpoints AS c JOIN threads AS t ON t.thread_id = c.thread_id
      WHERE t.tenant_id = $1 AND t.user_key = $2' USING of_tenant, of_user;
  END IF;
END $$;

/* Threads whose summary differs from their runs, and runs without a thread. */
CREATE FUNCTION ri_summary_drift() RETURNS TABLE (thread_id TEXT, tenant_id UUID, user_key TEXT)
  LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH runs AS (
    SELECT DISTINCT ON (r.thread_id, r.tenant_id, r.email)
      r.thread_id, r.tenant_id, r.email, count(*) OVER own AS run_count,
      max(coalesce(r.timestamp, 'epoch')) OVER own AS latest_timestamp, nullif(r.prompt, '') AS first_prompt,
      CASE WHEN r.prompt <> '' THEN coalesce(r.timestamp, 'epoch') END AS first_prompt_timestamp,
      CASE WHEN r.prompt <> '' THEN r.id END AS first_prompt_id
    FROM users_threads_runs AS r
    WINDOW own AS (PARTITION BY r.thread_id, r.tenant_id, r.email)
    ORDER BY r.thread_id, r.tenant_id, r.email, coalesce(r.prompt, '') = '', coalesce(r.timestamp, 'epoch'), r.id
  )
  SELECT t.thread_id, t.tenant_id, t.user_key
  FROM threads AS t LEFT JOIN runs AS r
    ON r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id AND r.email = t.user_key
  WHERE (t.run_count, t.latest_timestamp, t.first_prompt, t.first_prompt_timestamp, t.first_prompt_id)
    IS DISTINCT FROM (coalesce(r.run_count, 0), coalesce(r.latest_timestamp, 'epoch'),
                      r.first_prompt, r.first_prompt_timestamp, r.first_prompt_id)
  UNION ALL (
    SELECT DISTINCT ON (r.thread_id) r.thread_id, r.tenant_id, r.email
    FROM runs AS r WHERE NOT EXISTS (SELECT FROM threads AS t WHERE t.thread_id = r.thread_id)
    ORDER BY r.thread_id, r.tenant_id, r.email)
$$;

CREATE FUNCTION ri_rebuild_summaries(dry_run BOOLEAN) RETURNS bigint
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  drifted RECORD;
  rebuilt BIGINT := 0;
BEGIN
  FOR drifted IN SELECT * FROM ri_summary_drift() AS d ORDER BY d.thread_id, d.tenant_id, d.user_key LOOP
    rebuilt := rebuilt + 1;
    CONTINUE WHEN dry_run;
    INSERT INTO threads (thread_id, tenant_id, user_key)
    VALUES (drifted.thread_id, drifted.tenant_id, drifted.user_key) ON CONFLICT (thread_id) DO NOTHING;
    PERFORM FROM threads AS t WHERE t.thread_id = drifted.thread_id FOR NO KEY UPDATE;
    PERFORM ri_refresh_thread(t.thread_id, t.tenant_id, t.user_key, count(r.id) - t.run_count)
    FROM threads AS t LEFT JOIN users_threads_runs AS r
      ON r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id
    WHERE t.thread_id = drifted.thread_id GROUP BY t.thread_id;
  END LOOP;
  RETURN rebuilt;
END $$;

/* An operator's deletion: of every owner's runs in the thread. */
CREATE FUNCTION ri_delete_any_thread(of_thread TEXT, dry_run BOOLEAN)
  RETURNS TABLE (table_name TEXT, row_count BIGINT)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM threads WHERE thread_id = of_thread AND deleted_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT * FROM ri_delete_checkpoints(ARRAY[of_thread], dry_run);
  RETURN QUERY
    SELECT 'sentiment_events', count(*) FROM sentiment_events AS e JOIN users_threads_runs AS r USING (run_id)
    WHERE r.thread_id = of_thread
    UNION ALL
    SELECT 'users_threads_runs', count(*) FROM users_threads_runs AS r WHERE r.thread_id = of_thread;
  IF NOT dry_run THEN
    DELETE FROM users_threads_runs AS r WHERE r.thread_id = of_thread;
    UPDATE threads SET deleted_at = CURRENT_TIMESTAMP, title = NULL, attributes = '{}', source = NULL, shared = false
    WHERE thread_id = of_thread;
  END IF;
  RETURN QUERY SELECT 'threads', CAST(1 AS BIGINT);
END $$;

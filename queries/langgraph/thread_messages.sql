-- name: thread_messages(tenant_id, user_key, thread_id, channel)
-- The message lists that LangGraph stored after each run of the owner's thread, oldest first; no rows where it is not the owner's.
-- needs: checkpoint_tables
-- returns: run_ids: list[str]
WITH steps AS (
  SELECT
    c.thread_id,
    c.checkpoint_id,
    c.metadata ->> 'run_id' AS run_id,
    c.checkpoint -> 'channel_versions' ->> :channel AS version,
    lead(c.checkpoint_id) OVER later IS NULL AS is_last,
    lead(c.metadata ->> 'run_id') OVER later AS next_run_id
  FROM threads AS t JOIN checkpoints AS c ON c.thread_id = t.thread_id AND c.checkpoint_ns = ''
  WHERE t.thread_id = :thread_id AND t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL
  WINDOW later AS (ORDER BY c.checkpoint_id)
), lists AS (
  SELECT
    s.checkpoint_id,
    s.run_id,
    s.version,
    s.is_last,
    b.type,
    b.blob,
    CASE /* the bytes before the first item of a msgpack list */
      WHEN b.type <> 'msgpack' OR octet_length(b.blob) = 0 THEN NULL
      WHEN get_byte(b.blob, 0) BETWEEN 144 AND 159 THEN 1
      WHEN get_byte(b.blob, 0) = 220 THEN 3
      WHEN get_byte(b.blob, 0) = 221 THEN 5
    END AS header
  FROM steps AS s LEFT JOIN checkpoint_blobs AS b
    ON b.thread_id = s.thread_id AND b.checkpoint_ns = '' AND b.channel = :channel AND b.version = s.version
  WHERE s.is_last OR s.run_id IS DISTINCT FROM s.next_run_id
), compared AS (
  SELECT lists.*, coalesce(
      substring(lead(blob) OVER later FROM lead(header) OVER later + 1 FOR octet_length(blob) - header)
      = substring(blob FROM header + 1), false) AS is_beginning
  FROM lists
  WINDOW later AS (ORDER BY checkpoint_id)
)
SELECT
  run_id,
  type,
  CASE WHEN is_beginning THEN substring(blob FOR 5) ELSE blob END AS stored, /* the next list has it all */
  is_beginning,
  version IS NOT NULL AND type IS NULL AS is_delta,
  CASE WHEN is_last THEN ARRAY(
    SELECT r.run_id FROM users_threads_runs AS r
    WHERE r.email = :user_key AND r.thread_id = :thread_id AND r.tenant_id = :tenant_id
    ORDER BY r.timestamp NULLS FIRST, r.id) END AS run_ids
FROM compared
ORDER BY checkpoint_id

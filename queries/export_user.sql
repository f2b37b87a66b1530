-- name: export_user(tenant_id, user_key)
-- Everything held about the owner, a JSON object a row, in sections: runs, votes, threads and keys of checkpoints.
-- returns: item!: dict[str, Any]
SELECT 'checkpoints' AS section, to_jsonb(c) AS item, c.thread_id AS thread_id,
  CAST(NULL AS timestamptz) AS moment, c.checkpoint_id AS position
FROM ri_checkpoints_of(:tenant_id, :user_key) AS c
UNION ALL
SELECT 'runs', jsonb_build_object('run_id', run_id, 'thread_id', thread_id, 'prompt', prompt, 'timestamp', timestamp,
  'sentiment', sentiment, 'sentiment_at', sentiment_at, 'attributes', attributes), thread_id, timestamp, run_id
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key
UNION ALL
SELECT 'threads', jsonb_build_object('thread_id', thread_id, 'title', title, 'attributes', attributes,
  'source', source, 'created_at', created_at, 'updated_at', updated_at, 'deleted_at', deleted_at), thread_id, NULL, ''
FROM threads
WHERE tenant_id = :tenant_id AND user_key = :user_key
UNION ALL
SELECT 'votes', jsonb_build_object('run_id', run_id, 'sentiment_before', sentiment_before, 'sentiment', sentiment,
  'comment', comment, 'voted_at', voted_at, 'source', source), '', voted_at, run_id
FROM sentiment_events
WHERE tenant_id = :tenant_id AND user_key = :user_key
ORDER BY section, thread_id, moment NULLS FIRST, position

-- name: export_user(tenant_id, user_key)
-- Everything held about the owner, a JSON object a row, in sections: runs, votes, threads and keys of checkpoints.
SELECT 'runs' AS section, json_object('run_id', run_id, 'thread_id', thread_id, 'prompt', prompt,
  'timestamp', timestamp, 'sentiment', json(iif(sentiment, 'true', iif(sentiment IS NULL, 'null', 'false'))),
  'sentiment_at', sentiment_at, 'attributes', json(attributes)) AS item,
  thread_id AS thread_id, timestamp AS moment, run_id AS position
FROM users_threads_runs
WHERE tenant_id = :tenant_id AND email = :user_key
UNION ALL
SELECT 'threads', json_object('thread_id', thread_id, 'title', title, 'attributes', json(attributes),
  'source', json(source), 'created_at', created_at, 'updated_at', updated_at, 'deleted_at', deleted_at),
  thread_id, NULL, ''
FROM threads
WHERE tenant_id = :tenant_id AND user_key = :user_key
UNION ALL
SELECT 'votes', json_object('run_id', run_id,
  'sentiment_before', json(iif(sentiment_before, 'true', iif(sentiment_before IS NULL, 'null', 'false'))),
  'sentiment', json(iif(sentiment, 'true', iif(sentiment IS NULL, 'null', 'false'))),
  'comment', comment, 'voted_at', voted_at, 'source', source), '', voted_at, run_id
FROM sentiment_events
WHERE tenant_id = :tenant_id AND user_key = :user_key
ORDER BY section, thread_id, moment NULLS FIRST, position

-- name: set_attributes(tenant_id, user_key, run_id, attributes)^
-- The run after its attributes were merged key by key, and whether they changed; no row where it is absent or another owner's.
-- returns: attributes: dict[str, Any]
-- param attributes: dict[str, Any]
-- raises: NotFound
WITH run AS (
  SELECT id, run_id, thread_id, prompt, timestamp, sentiment, sentiment_at, attributes
  FROM users_threads_runs
  WHERE run_id = :run_id AND email = :user_key AND tenant_id = :tenant_id
  FOR NO KEY UPDATE
), merged AS (
  UPDATE users_threads_runs AS r SET attributes = run.attributes || :attributes
  FROM run
  WHERE r.id = run.id AND r.email = :user_key AND r.tenant_id = :tenant_id
    AND run.attributes || :attributes <> run.attributes
  RETURNING r.attributes
)
SELECT
  run.run_id,
  run.thread_id,
  run.prompt,
  run.timestamp,
  run.sentiment,
  run.sentiment_at,
  coalesce(merged.attributes, run.attributes) AS attributes,
  CASE WHEN merged.attributes IS NULL THEN 'unchanged' ELSE 'updated' END AS change
FROM run LEFT JOIN merged ON true

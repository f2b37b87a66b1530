-- name: create_run(tenant_id, user_key, thread_id, run_id, prompt, attributes)^
-- The stored run and what the call did: created, updated (another prompt or thread) or unchanged; no row where the run_id is another owner's.
-- returns: attributes: dict[str, Any]
-- param attributes: dict[str, Any]
-- raises: Conflict, ThreadDeleted
WITH after_lock AS ( /* first read below, with the stored row locked: later than the time in it */
  SELECT clock_timestamp() AS now
)
INSERT INTO users_threads_runs AS r (tenant_id, email, thread_id, run_id, prompt, attributes, timestamp)
VALUES (:tenant_id, :user_key, :thread_id, :run_id, :prompt, :attributes, statement_timestamp())
ON CONFLICT (run_id) DO UPDATE SET
  thread_id = EXCLUDED.thread_id,
  prompt = coalesce(nullif(EXCLUDED.prompt, ''), r.prompt),
  timestamp = CASE
    WHEN r.thread_id = EXCLUDED.thread_id
      AND coalesce(nullif(EXCLUDED.prompt, ''), r.prompt) IS NOT DISTINCT FROM r.prompt
    THEN r.timestamp ELSE (SELECT now FROM after_lock) END
WHERE r.email = EXCLUDED.email AND r.tenant_id = EXCLUDED.tenant_id
RETURNING
  run_id,
  thread_id,
  prompt,
  timestamp,
  sentiment,
  sentiment_at,
  attributes,
  /* xmax is 0 on a row this statement inserted */
  CASE WHEN xmax = 0 THEN 'created' WHEN timestamp = (SELECT now FROM after_lock) THEN 'updated' ELSE 'unchanged' END
    AS change

-- name: rebuild_summaries()$
-- First part of rebuild_summaries: how many threads are missing, or have another summary than their runs.
SELECT (
  SELECT count(DISTINCT r.thread_id) FROM users_threads_runs AS r
  WHERE NOT EXISTS (SELECT 1 FROM threads AS t WHERE t.thread_id = r.thread_id)
) + (
  SELECT count(*) FROM threads AS t
  WHERE t.run_count <> (SELECT count(*) FROM users_threads_runs AS r WHERE r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id)
    OR t.latest_timestamp <> coalesce((SELECT max(r.timestamp) FROM users_threads_runs AS r
      WHERE r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id), '1970-01-01T00:00:00.000000+00:00')
    OR (t.first_prompt, t.first_prompt_timestamp, t.first_prompt_id) IS NOT (
      SELECT r.prompt, coalesce(r.timestamp, '1970-01-01T00:00:00.000000+00:00'), r.id FROM users_threads_runs AS r
      WHERE r.email = t.user_key AND r.thread_id = t.thread_id AND r.tenant_id = t.tenant_id AND r.prompt <> ''
      ORDER BY r.timestamp NULLS FIRST, r.id LIMIT 1)
) AS rebuilt

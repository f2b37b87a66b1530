-- name: rebuild_summaries(dry_run)!
-- Last part of rebuild_summaries: the summaries. Nothing on a dry run.
UPDATE threads SET
  run_count = (SELECT count(*) FROM users_threads_runs AS r WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id),
  latest_timestamp = coalesce((SELECT max(r.timestamp) FROM users_threads_runs AS r
    WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id), '1970-01-01T00:00:00.000000+00:00'),
  (first_prompt, first_prompt_timestamp, first_prompt_id) = (
    SELECT r.prompt, coalesce(r.timestamp, '1970-01-01T00:00:00.000000+00:00'), r.id FROM users_threads_runs AS r
    WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id AND r.prompt <> ''
    ORDER BY r.timestamp NULLS FIRST, r.id LIMIT 1)
WHERE NOT :dry_run AND (
  threads.run_count <> (SELECT count(*) FROM users_threads_runs AS r WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id)
    OR threads.latest_timestamp <> coalesce((SELECT max(r.timestamp) FROM users_threads_runs AS r
      WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id), '1970-01-01T00:00:00.000000+00:00')
    OR (threads.first_prompt, threads.first_prompt_timestamp, threads.first_prompt_id) IS NOT (
      SELECT r.prompt, coalesce(r.timestamp, '1970-01-01T00:00:00.000000+00:00'), r.id FROM users_threads_runs AS r
      WHERE r.email = threads.user_key AND r.thread_id = threads.thread_id AND r.tenant_id = threads.tenant_id AND r.prompt <> ''
      ORDER BY r.timestamp NULLS FIRST, r.id LIMIT 1)
)

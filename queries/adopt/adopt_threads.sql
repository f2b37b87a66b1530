-- name: adopt_threads()!
-- The number of threads made from the runs; a thread of several owners goes to the owner of its earliest run.
INSERT INTO threads (thread_id, tenant_id, user_key, created_at, updated_at, run_count, latest_timestamp,
                     first_prompt, first_prompt_timestamp, first_prompt_id, shared)
SELECT o.thread_id, o.tenant_id, o.email, coalesce(o.first_at, o.last_at, CURRENT_TIMESTAMP),
       coalesce(o.last_at, CURRENT_TIMESTAMP), o.runs, coalesce(o.last_at, 'epoch'),
       p.prompt, CASE WHEN p.id IS NOT NULL THEN coalesce(p.timestamp, 'epoch') END, p.id, o.owners > 1
FROM (
  SELECT DISTINCT ON (thread_id) thread_id, tenant_id, email, count(*) AS runs, min(timestamp) AS first_at,
         max(timestamp) AS last_at, count(*) OVER (PARTITION BY thread_id) AS owners,
         (array_agg(id ORDER BY timestamp NULLS FIRST, id) FILTER (WHERE prompt <> ''))[1] AS first_prompt_id
  FROM users_threads_runs
  GROUP BY thread_id, tenant_id, email
  ORDER BY thread_id, (array_agg(timestamp ORDER BY timestamp NULLS FIRST, id))[1] NULLS FIRST,
           (array_agg(id ORDER BY timestamp NULLS FIRST, id))[1]
) AS o
LEFT JOIN users_threads_runs AS p ON p.id = o.first_prompt_id

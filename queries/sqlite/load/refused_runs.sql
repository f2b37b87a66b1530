-- name: refused_runs(refuse_stored)
-- The staged rows that may not be stored: ids of other owners, deleted threads, owners who were erased and, where asked, stored runs.
SELECT s.line, 'run_id' AS field, 'belongs to another owner' AS rule
FROM stage_runs AS s JOIN users_threads_runs AS r ON r.run_id = s.run_id
WHERE r.email <> s.user_key OR r.tenant_id <> s.tenant_id
UNION ALL
SELECT s.line, 'thread_id' AS field, 'belongs to another owner or was deleted' AS rule
FROM stage_runs AS s JOIN threads AS t ON t.thread_id = s.thread_id
WHERE (t.user_key IS DISTINCT FROM s.user_key OR t.tenant_id <> s.tenant_id OR t.deleted_at IS NOT NULL)
  AND (s.has_thread OR NOT EXISTS (SELECT 1 FROM users_threads_runs AS r WHERE r.run_id = s.run_id))
UNION ALL
SELECT s.line, 'run_id' AS field, 'is stored already' AS rule
FROM stage_runs AS s JOIN users_threads_runs AS r ON r.run_id = s.run_id
WHERE :refuse_stored AND r.email = s.user_key AND r.tenant_id = s.tenant_id
UNION ALL
SELECT s.line, 'user_key' AS field, 'was erased within the last hour' AS rule
FROM stage_runs AS s JOIN erasure_key AS k
WHERE EXISTS (SELECT 1 FROM erased_owners)
  AND NOT EXISTS (SELECT 1 FROM threads AS t WHERE t.thread_id = s.thread_id AND t.user_key = s.user_key)
  AND EXISTS (SELECT 1 FROM erased_owners AS e WHERE e.owner_mark = ri_keyed(k.secret, s.tenant_id || ':' || s.user_key)
    AND unixepoch(e.erased_at) > unixepoch('now') - 3600)
ORDER BY line, field

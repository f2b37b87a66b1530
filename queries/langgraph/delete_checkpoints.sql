-- name: delete_checkpoints(tenant_id, user_key, thread_id)
-- The rows removed from each of LangGraph's tables for the owner's thread; all 0 where it is not the owner's.
-- needs: checkpoint_tables
WITH owned AS (
  SELECT thread_id FROM threads
  WHERE thread_id = :thread_id AND tenant_id = :tenant_id AND user_key = :user_key
  FOR UPDATE
), blobs AS (
  DELETE FROM checkpoint_blobs WHERE thread_id IN (SELECT thread_id FROM owned) RETURNING 1
), writes AS (
  DELETE FROM checkpoint_writes WHERE thread_id IN (SELECT thread_id FROM owned) RETURNING 1
), points AS (
  DELETE FROM checkpoints WHERE thread_id IN (SELECT thread_id FROM owned) RETURNING 1
)
SELECT 'checkpoint_blobs' AS table_name, (SELECT count(*) FROM blobs) AS row_count
UNION ALL
SELECT 'checkpoint_writes', (SELECT count(*) FROM writes)
UNION ALL
SELECT 'checkpoints', (SELECT count(*) FROM points)

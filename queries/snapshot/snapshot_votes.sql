-- name: snapshot_votes(tenant_id, since, until)
-- The history of the votes on the runs of a window and on the undated ones, as stored.
SELECT e.run_id, e.event_id, e.user_key, e.sentiment_before, e.sentiment, e.comment, e.voted_at, e.source
FROM sentiment_events AS e JOIN users_threads_runs AS r ON r.run_id = e.run_id AND r.tenant_id = e.tenant_id
WHERE r.tenant_id = :tenant_id AND (r.timestamp IS NULL OR (r.timestamp >= :since AND r.timestamp < :until))
ORDER BY r.id, e.voted_at, e.event_id

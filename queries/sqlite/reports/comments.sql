-- name: comments(tenant_id, matching, since, until)
-- What people wrote with their votes on the runs of the window, oldest first; sentiment is the vote that the comment came with.
SELECT
  e.voted_at, e.sentiment, e.comment, r.prompt, r.run_id, r.thread_id, r.email AS user_key,
  r.timestamp AS run_at
FROM users_threads_runs AS r JOIN sentiment_events AS e ON e.run_id = r.run_id AND e.tenant_id = r.tenant_id
WHERE r.tenant_id = :tenant_id AND r.timestamp >= :since AND r.timestamp < :until AND e.comment IS NOT NULL
  AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
ORDER BY e.voted_at, r.id, e.event_id

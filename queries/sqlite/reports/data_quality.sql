-- name: data_quality(tenant_id, matching, as_of, late_after, since, until)
-- One row of counts of what makes the numbers of a window doubtful; undated and future runs, deleted threads are those of the whole tenant.
WITH inside AS (
  SELECT
    r.prompt, r.attributes, r.timestamp, r.sentiment, r.sentiment_at,
    EXISTS (SELECT 1 FROM sentiment_events AS e WHERE e.run_id = r.run_id) AS has_history,
    EXISTS (SELECT 1 FROM sentiment_events AS e WHERE e.run_id = r.run_id AND e.source = 'sql') AS has_legacy,
    r.sentiment_at
      > replace(datetime(substr(r.timestamp, 1, 19), '+' || :late_after || ' seconds'), ' ', 'T')
        || substr(r.timestamp, 20) AS is_late
  FROM users_threads_runs AS r
  WHERE r.tenant_id = :tenant_id AND r.timestamp >= :since AND r.timestamp < :until
    AND (:matching = '{}' OR ri_contains(r.attributes, :matching))
)
SELECT
  count(*) AS runs,
  count(sentiment) AS rated,
  count(*) FILTER (WHERE coalesce(prompt, '') = '') AS no_prompt,
  count(*) FILTER (WHERE attributes = '{}') AS no_attributes,
  count(*) FILTER (WHERE sentiment IS NOT NULL AND sentiment_at IS NULL) AS votes_undated,
  count(*) FILTER (WHERE sentiment IS NOT NULL AND NOT has_history) AS votes_without_history,
  count(*) FILTER (WHERE sentiment IS NOT NULL AND sentiment_at < timestamp) AS restamped,
  count(*) FILTER (WHERE sentiment IS NOT NULL AND is_late) AS late_votes,
  count(*) FILTER (WHERE sentiment IS NOT NULL AND sentiment_at > :as_of) AS votes_after_as_of,
  count(*) FILTER (WHERE has_legacy) AS legacy_votes,
  (SELECT count(*) FROM users_threads_runs WHERE tenant_id = :tenant_id AND timestamp IS NULL) AS undated_runs,
  (SELECT count(*) FROM users_threads_runs WHERE tenant_id = :tenant_id AND timestamp > :as_of) AS future_runs,
  (SELECT count(*) FROM threads WHERE tenant_id = :tenant_id AND deleted_at >= :since AND deleted_at < :until)
    AS deleted_threads
FROM inside

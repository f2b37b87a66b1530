-- name: search_threads(tenant_id, user_key, since, until, text, voted, disliked, attributes, after_latest, after_thread_id, limit, offset, with_total)
-- One page of the owner's threads that pass the filters given, with the number of all that do where asked; an empty page is one row without a thread.
-- param text: str | None
-- param voted: bool | None
-- param disliked: bool | None
-- index: threads_owner_latest
WITH found AS (
  SELECT t.thread_id, t.first_prompt, t.run_count, t.latest_timestamp
  FROM threads AS t
  WHERE t.tenant_id = :tenant_id AND t.user_key = :user_key AND t.deleted_at IS NULL AND t.run_count > 0
    AND t.latest_timestamp >= :since AND t.latest_timestamp < :until
    /* translate: what the locales of servers lower in two ways */
    AND (CAST(:text AS text) IS NULL
      OR strpos(lower(translate(t.title, 'İΣ', 'iσ')), lower(translate(:text, 'İΣ', 'iσ'))) > 0
      OR EXISTS (SELECT 1 FROM users_threads_runs AS r
        WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key AND r.thread_id = t.thread_id
          AND strpos(lower(translate(r.prompt, 'İΣ', 'iσ')), lower(translate(:text, 'İΣ', 'iσ'))) > 0))
    AND (CAST(:voted AS boolean) IS NULL OR :voted = EXISTS (SELECT 1 FROM users_threads_runs AS r
      WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key AND r.thread_id = t.thread_id
        AND r.sentiment IS NOT NULL))
    AND (CAST(:disliked AS boolean) IS NULL OR :disliked = EXISTS (SELECT 1 FROM users_threads_runs AS r
      WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key AND r.thread_id = t.thread_id
        AND NOT r.sentiment))
    AND (CAST(:attributes AS jsonb) IS NULL OR t.attributes @> :attributes
      OR EXISTS (SELECT 1 FROM users_threads_runs AS r
        WHERE r.tenant_id = t.tenant_id AND r.email = t.user_key AND r.thread_id = t.thread_id
          AND r.attributes @> :attributes))
), page AS (
  SELECT thread_id, first_prompt, run_count, latest_timestamp
  FROM found
  WHERE latest_timestamp <= :after_latest
    AND (latest_timestamp < :after_latest OR thread_id > :after_thread_id)
  ORDER BY latest_timestamp DESC, thread_id
  LIMIT :limit OFFSET :offset
)
SELECT page.thread_id, page.first_prompt, page.run_count, page.latest_timestamp, counted.total
FROM (SELECT CASE WHEN :with_total THEN (SELECT count(*) FROM found) END AS total) AS counted
LEFT JOIN page ON true
ORDER BY page.latest_timestamp DESC, page.thread_id

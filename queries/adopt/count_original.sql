-- name: count_original(source_tz)^
-- What the original application's table holds: what is taken over, and what one should know first.
-- param source_tz: str | None
SELECT totals.*, groups.*, CAST(people.look_alikes AS bigint) AS look_alike_emails
FROM (
  SELECT
    count(*) AS runs,
    count(*) FILTER (WHERE timestamp IS NULL) AS undated,
    count(*) FILTER (WHERE timestamp < '0001-01-02' OR timestamp >= '9999-12-31') AS unreadable,
    count(*) FILTER (WHERE timestamp >= '0001-01-02' AND timestamp < '1971-01-02') AS early,
    count(*) FILTER (WHERE before <> after AND local NOT IN (at_before, at_after)) AS skipped,
    count(*) FILTER (WHERE before <> after AND local = at_before AND local = at_after) AS repeated,
    count(*) FILTER (WHERE email = '') AS empty_emails,
    count(*) FILTER (WHERE email IS NULL OR thread_id IS NULL OR run_id IS NULL) AS null_ids,
    count(*) FILTER (WHERE greatest(length(email), length(thread_id), length(run_id)) > 255) AS long_ids,
    coalesce(max(length(prompt)), 0) AS longest_prompt,
    count(*) FILTER (WHERE length(prompt) > 1000000) AS oversized_prompts,
    count(*) FILTER (
      /* the shape first: a regular expression costs ten times as much */
      WHERE (run_id NOT LIKE '________-____-____-____-____________' OR run_id <> lower(run_id))
        AND replace(btrim(replace(replace(run_id, 'urn:', ''), 'uuid:', ''), '{}'), '-', '') ~ '^[0-9a-fA-F]{32}$'
    ) AS odd_run_ids
  FROM users_threads_runs
  /* Around a change of the clocks the day before and the day after differ in their distance to UTC. A local time that
     is read back under neither of the two was skipped; one that is read back under both came twice. */
  LEFT JOIN LATERAL (SELECT CAST(timestamp AS timestamp) AS local, CAST(:source_tz AS text) AS zone
                     WHERE isfinite(timestamp)) AS l ON true
  LEFT JOIN LATERAL (
    SELECT local - interval '1 day' - (local - interval '1 day') AT TIME ZONE zone AT TIME ZONE 'UTC' AS before,
           local + interval '1 day' - (local + interval '1 day') AT TIME ZONE zone AT TIME ZONE 'UTC' AS after
    ) AS d ON true
  LEFT JOIN LATERAL (
    SELECT (local - before) AT TIME ZONE 'UTC' AT TIME ZONE zone AS at_before,
           (local - after) AT TIME ZONE 'UTC' AT TIME ZONE zone AS at_after
    WHERE before <> after) AS c ON true
) AS totals,
(
  SELECT count(*) AS threads, count(*) FILTER (WHERE t.first <> t.last) AS shared_threads
  FROM (SELECT min(email) AS first, max(email) AS last FROM users_threads_runs GROUP BY thread_id) AS t
) AS groups,
(
  SELECT coalesce(sum(same.emails), 0) AS look_alikes
  FROM (SELECT count(*) AS emails FROM (SELECT DISTINCT email FROM users_threads_runs) AS e
        GROUP BY lower(btrim(e.email)) HAVING count(*) > 1) AS same
) AS people

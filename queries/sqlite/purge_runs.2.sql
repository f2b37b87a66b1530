-- name: purge_runs(tenant_id, before, batch_size, keep_counts)!
-- Second part of purge_runs: the counts that stay.
INSERT INTO retained_counts AS c (tenant_id, quarter, runs, rated, liked)
SELECT :tenant_id, ri_quarter(timestamp),
  count(*), count(sentiment), coalesce(sum(sentiment), 0)
FROM (
  SELECT timestamp, sentiment FROM users_threads_runs WHERE tenant_id = :tenant_id AND timestamp < :before
  ORDER BY timestamp, id LIMIT :batch_size
)
WHERE :keep_counts
GROUP BY 2
ON CONFLICT (tenant_id, quarter) DO UPDATE SET
  runs = c.runs + excluded.runs, rated = c.rated + excluded.rated, liked = c.liked + excluded.liked

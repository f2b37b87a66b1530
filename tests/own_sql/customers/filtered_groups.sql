-- name: filtered_groups()
-- Aggregates with GROUP BY and FILTER.
SELECT
  name,
  active,
  min(name) AS first_name,
  min(name) FILTER (WHERE id > 3) AS late_name,
  count(*) FILTER (WHERE id > 3) AS late,
  sum(referred_by) AS referrals,
  array_agg(email) AS emails,
  bool_and(active) AS all_active,
  stddev_samp(id) AS spread,
  avg(id) AS mean_id,
  coalesce(sum(id) FILTER (WHERE id > 3), 0) AS late_sum
FROM customers
GROUP BY name, active
ORDER BY name, active

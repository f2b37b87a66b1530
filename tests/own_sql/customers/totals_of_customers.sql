-- name: totals_of_customers()^
-- Aggregates over all customers: an empty table gives NULL.
SELECT
  count(*) AS customers,
  count(*) FILTER (WHERE active) AS active_customers,
  min(name) AS first_name,
  array_agg(id) AS ids,
  bool_or(active) AS any_active,
  string_agg(name, ',') AS names,
  coalesce(max(id), 0) AS last_id,
  count(DISTINCT email) AS emails
FROM customers

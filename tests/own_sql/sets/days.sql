-- name: days(first_day, last_day)
-- Days of a calendar with the orders of each.
SELECT CAST(d.day AS date) AS day, count(o.id) AS orders, min(o.state) AS first_state
FROM generate_series(:first_day::timestamptz, :last_day::timestamptz, INTERVAL '1 day') AS d (day)
LEFT JOIN orders AS o ON o.placed_at >= d.day AND o.placed_at < d.day + INTERVAL '1 day'
GROUP BY d.day
ORDER BY d.day

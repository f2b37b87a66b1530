-- name: order_times()
-- Times, and the difference of times.
SELECT
  id,
  placed_at - INTERVAL '1 day' AS day_before,
  shipped_at - placed_at AS took,
  date_trunc('day', placed_at) AS day,
  placed_at AT TIME ZONE 'UTC' AS utc_time,
  CAST(placed_at AS date) AS placed_on,
  CAST(shipped_at AS date) AS shipped_on,
  pickup + wait AS pickup_end
FROM orders
ORDER BY id

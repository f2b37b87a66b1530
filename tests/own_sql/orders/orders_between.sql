-- name: orders_between(since, until, minimum_wait, pickup_before)
-- Orders of a window, of a long wait, or of an early pickup.
SELECT id, placed_at, wait, pickup
FROM orders
WHERE placed_at >= :since AND placed_at < :until AND (wait > :minimum_wait::interval OR pickup < :pickup_before::time)
ORDER BY id

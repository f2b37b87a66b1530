-- name: clock_times()
-- Colons in literals are no parameters.
SELECT id, '10:30' AS opens, 'a:b::c' AS colons, pickup = '12:30'::time AS at_noon /* the literal has a colon too */
FROM orders
ORDER BY id

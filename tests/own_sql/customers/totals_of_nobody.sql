-- name: totals_of_nobody()^
-- GROUP BY () is one group even of an empty table.
SELECT count(*) AS customers, min(name) AS first_name FROM customers WHERE id < 0 GROUP BY ()

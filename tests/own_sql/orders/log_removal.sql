-- name: log_removal(id)^
-- What a CTE removed, counted.
WITH gone AS (DELETE FROM order_lines WHERE order_id = :id RETURNING quantity)
SELECT count(*) AS lines, sum(quantity) AS pieces FROM gone

-- name: count_of_outer()
-- The aggregate's argument is the outer query's, so the outer query is grouped and the subquery has no row.
SELECT (SELECT count(c.id) FROM orders AS o WHERE o.id < 0) AS counted FROM customers AS c

-- name: subquery_of_null_side()
-- Scalar subqueries that read the null side.
SELECT c.id, (SELECT o.id) AS order_id, (SELECT count(*) FROM order_lines AS l WHERE l.order_id = o.id) AS lines
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
ORDER BY c.id, o.id

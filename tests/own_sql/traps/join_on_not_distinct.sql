-- name: join_on_not_distinct()
-- IS NOT DISTINCT FROM is no strict operator.
SELECT c.id, o.coupon, x.code
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
JOIN order_lines AS x ON x.code IS NOT DISTINCT FROM o.coupon
ORDER BY c.id, x.order_id, x.line_no

-- name: alias_twice()
-- The same alias for two tables, within and without.
SELECT x.id, x.name, (SELECT count(*) FROM orders AS x WHERE x.coupon IS NOT NULL) AS coupons, x.email
FROM customers AS x
ORDER BY x.id

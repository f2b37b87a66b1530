-- name: star_of_null_side()
-- All columns of the null side.
SELECT r.* FROM customers AS c LEFT JOIN reviews AS r ON r.customer_id = c.id AND r.stars > 2 ORDER BY c.id, r.id

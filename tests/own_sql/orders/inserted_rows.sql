-- name: inserted_rows(customer_id)
-- The rows of an INSERT in a CTE.
WITH added AS (
  INSERT INTO orders (customer_id) VALUES (:customer_id), (:customer_id) RETURNING id, customer_id, coupon
)
SELECT a.id, a.coupon, c.name FROM added AS a JOIN customers AS c ON c.id = a.customer_id ORDER BY a.id

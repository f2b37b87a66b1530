-- name: row_comparisons()
-- Rows compared with rows that hold NULL.
SELECT
  id,
  (id, name) = (1, 'Ada') AS known,
  (id, 1) = (1, NULL) AS unknown,
  (id, name) IN ((1, NULL), (2, 'Bob')) AS listed,
  (id, email) IS NULL AS nothing,
  id > ALL (SELECT customer_id FROM orders) AS later_than_all,
  id > ALL (SELECT customer_id FROM reviews) AS later_than_reviews,
  name LIKE NULL AS matched
FROM customers
ORDER BY id

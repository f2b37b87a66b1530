-- name: first_titles()
-- The first title of each class.
SELECT code, first_value(title) OVER (PARTITION BY "class" ORDER BY code) AS first_title FROM products ORDER BY code

-- name: empty_grouping_set()
-- A grouping set without keys has a row even where the table is empty.
SELECT min(price) AS cheapest, count(*) AS products, coalesce(min(title), 'none') AS first_title
FROM products
GROUP BY GROUPING SETS (("class"), ())
ORDER BY 1

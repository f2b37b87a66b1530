-- name: product_stars()
-- Products with their reviews' figures, those without reviews too.
SELECT p.code, count(r.id) AS reviews, avg(r.stars) AS stars, max(r.stars) AS best, count(*) AS rows_read
FROM products AS p LEFT JOIN reviews AS r ON r.code = p.code
GROUP BY p.code
ORDER BY p.code

-- name: review_figures()
-- Figures of the reviews a product has.
SELECT code, avg(stars) AS stars, max(stars) AS best, max(body) AS last_body, sum(stars) AS total, percentile_cont(0.5) WITHIN GROUP (ORDER BY stars) AS median
FROM reviews
GROUP BY code
HAVING count(*) > 0
ORDER BY code

-- name: vote_figures()
-- Votes of each day, in the way of the original reports.
SELECT
  CAST(timestamp AS date) AS day,
  count(*) AS runs,
  count(sentiment) AS rated,
  count(*) FILTER (WHERE sentiment) AS liked,
  avg(CASE WHEN sentiment THEN 1.0 ELSE 0.0 END) FILTER (WHERE sentiment IS NOT NULL) AS approval,
  round(1.0 * count(*) FILTER (WHERE sentiment) / nullif(count(sentiment), 0), 3) AS share
FROM chats
GROUP BY 1
ORDER BY 1

-- name: chat_threads(email, page_size, skip)
-- The threads of a user, latest first, with their first prompt.
SELECT
  c.thread_id,
  max(c.timestamp) AS latest_timestamp,
  count(c.run_id) AS run_count,
  (
    SELECT s.prompt FROM chats AS s
    WHERE s.email = :email AND s.thread_id = c.thread_id
    ORDER BY s.timestamp, s.id
    LIMIT 1
  ) AS first_prompt
FROM chats AS c
WHERE c.email = :email
GROUP BY c.thread_id
ORDER BY latest_timestamp DESC, c.thread_id
LIMIT :page_size OFFSET :skip

-- name: text_functions()
-- Functions over NOT NULL columns, some of which give NULL all the same.
SELECT
  id,
  upper(name) AS upper_name,
  length(name) AS name_length,
  substring(name FROM '[0-9]+') AS digits,
  substring(name FROM 1 FOR 2) AS head,
  array_length(tags, 1) AS tag_count,
  cardinality(tags) AS tag_number,
  array_position(tags, 'vip') AS vip_at,
  to_char(created_at, '') AS nothing,
  concat(email, born) AS joined,
  concat_ws(email, name, name) AS joined_by_email,
  name || email AS name_email,
  name || '/' || name AS name_name,
  tags || name AS more_tags,
  lower(email) AS lower_email
FROM customers
ORDER BY id

-- name: cases(flag)
-- CASE with and without ELSE.
SELECT
  id,
  CASE WHEN active THEN name END AS name_if_active,
  CASE WHEN active THEN name ELSE 'gone' END AS name_or_gone,
  CASE WHEN active THEN name ELSE email END AS name_or_email,
  CASE WHEN email IS NOT NULL THEN email ELSE name END AS email_or_name,
  CASE WHEN :flag::boolean THEN 1 ELSE 2 END AS flag_number,
  CASE id WHEN 1 THEN 'one' WHEN 2 THEN NULL ELSE 'many' END AS in_words,
  nullif(name, 'Bob') AS not_bob,
  greatest(id, referred_by) AS greater,
  least(born, NULL) AS lesser
FROM customers
ORDER BY id

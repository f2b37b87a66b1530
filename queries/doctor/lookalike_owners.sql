-- name: lookalike_owners()$
-- The number of groups of user keys that differ in case or surrounding blanks alone, over all tenants.
SELECT count(*) AS group_count FROM (
  SELECT tenant_id, lower(trim(user_key)) FROM threads
  WHERE user_key IS NOT NULL
  GROUP BY tenant_id, lower(trim(user_key))
  HAVING count(DISTINCT user_key) > 1
) AS alike

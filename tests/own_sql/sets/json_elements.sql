-- name: json_elements()
-- Elements and keys of JSON.
SELECT c.id, e.key, e.value, j.item
FROM customers AS c
CROSS JOIN jsonb_each_text(CASE WHEN jsonb_typeof(c.profile) = 'object' THEN c.profile ELSE '{}' END) AS e (key, value)
LEFT JOIN LATERAL jsonb_array_elements_text('["a", null]') AS j (item) ON true
ORDER BY c.id, e.key, j.item

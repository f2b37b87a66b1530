-- name: values_list()
-- A list of values with and without NULL.
SELECT v.number, v.word, v.flag
FROM (VALUES (1, 'one', true), (2, NULL, false), (3, 'three', true)) AS v (number, word, flag)
ORDER BY v.number

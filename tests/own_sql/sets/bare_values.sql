-- name: bare_values()
-- VALUES as the statement.
VALUES (1, 'one'), (2, NULL) ORDER BY 1

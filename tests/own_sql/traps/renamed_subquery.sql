-- name: renamed_subquery()
-- A column list of a subquery renames the columns by place.
SELECT s.name, s.email FROM (SELECT email, name FROM customers) AS s (name, email) ORDER BY s.email

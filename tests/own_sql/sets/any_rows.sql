-- name: any_rows(wanted)
-- A parameter that is given back.
SELECT :wanted::integer AS wanted, c.id FROM customers AS c WHERE c.id > :wanted ORDER BY c.id

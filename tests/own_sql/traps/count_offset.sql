-- name: count_offset()$
-- An ungrouped count whose row OFFSET skips.
SELECT count(*) AS customers FROM customers OFFSET 1

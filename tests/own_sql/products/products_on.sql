-- name: products_on(day)
-- Products in season on a day.
SELECT code, season FROM products WHERE season @> :day::date ORDER BY code

-- name: discounted(least)
-- Products with a discount of at least so much.
SELECT code, discount, weight FROM products WHERE discount >= :least AND weight > 0 ORDER BY code

-- name: order_by_token(token)^
-- The order with this token.
SELECT id, token, coupon FROM orders WHERE token = :token

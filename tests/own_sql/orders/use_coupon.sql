-- name: use_coupon(coupon)
-- Orders that had the coupon or, for None, a NULL answer; the parameter is compared and stored.
UPDATE orders SET coupon = :coupon WHERE coupon <> :coupon RETURNING id, coupon

-- name: usable
SELECT coupons.id, offers.id AS offer_id, offers.kind, offers.floor_fen, offers.off_fen,
       offers.label_zh, offers.label_en, coupons.expires_at
  FROM pricing.coupons
  JOIN pricing.offers ON offers.id = coupons.offer_id
 WHERE coupons.bucket = :bucket AND coupons.member_id = :member_id
   AND coupons.used_at IS NULL AND coupons.expires_at > :now
   AND offers.starts_at <= :now AND offers.ends_at > :now
 ORDER BY offers.off_fen DESC, coupons.expires_at
 LIMIT 50;

-- name: use
-- The condition is the check: of two carts with one coupon, one finds it used.
UPDATE pricing.coupons
   SET order_id = :order_id, used_at = :now
 WHERE bucket = :bucket AND id = :id AND member_id = :member_id
   AND used_at IS NULL AND expires_at > :now;

-- name: give_back
-- The order stays written on the coupon, until another one takes it: money may still come late.
UPDATE pricing.coupons
   SET used_at = NULL
 WHERE bucket = ANY (:buckets::smallint[]) AND order_id = :order_id
RETURNING bucket, id, member_id;

-- name: use_again
-- It was good when the order was placed, so its end does not count here.
UPDATE pricing.coupons
   SET used_at = :now
 WHERE bucket = ANY (:buckets::smallint[]) AND order_id = :order_id AND used_at IS NULL;

-- name: issue
INSERT INTO pricing.coupons (bucket, id, member_id, offer_id, issued_at, expires_at, source)
SELECT bucket, id, member_id, :offer_id, :now, :expires_at, :source
  FROM unnest(:buckets::smallint[], :ids::uuid[], :member_ids::uuid[])
       AS given (bucket, id, member_id)
    ON CONFLICT (bucket, id) DO NOTHING;

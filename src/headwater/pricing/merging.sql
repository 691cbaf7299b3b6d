-- name: tie
-- A coupon that an order has taken lies where that order lies, and is the person's there.
UPDATE pricing.coupons
   SET member_id = :member_id
 WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :gone_id AND used_at IS NOT NULL;

-- name: unused
SELECT id
  FROM pricing.coupons
 WHERE bucket = :gone_bucket AND member_id = :gone_id AND used_at IS NULL;

-- name: follow
-- The order that took a coupon last stays written on it: money may still come late.
WITH gone AS (
    DELETE FROM pricing.coupons
     USING unnest(:old_ids::uuid[], :ids::uuid[]) AS moved (old_id, id)
     WHERE coupons.bucket = :gone_bucket AND coupons.id = moved.old_id
       AND coupons.used_at IS NULL
    RETURNING moved.id AS new_id, coupons.offer_id, coupons.issued_at, coupons.expires_at,
              coupons.order_id, coupons.source
)
INSERT INTO pricing.coupons
       (bucket, id, member_id, offer_id, issued_at, expires_at, order_id, source)
SELECT :bucket, new_id, :member_id, offer_id, issued_at, expires_at, order_id, source
  FROM gone
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: unused
-- A coupon that an order ever took stays where that order finds it.
SELECT id
  FROM pricing.coupons
 WHERE bucket = :gone_bucket AND member_id = :gone_id AND used_at IS NULL AND order_id IS NULL;

-- name: follow
WITH gone AS (
    DELETE FROM pricing.coupons
     USING unnest(:old_ids::uuid[], :ids::uuid[]) AS moved (old_id, id)
     WHERE coupons.bucket = :gone_bucket AND coupons.id = moved.old_id
       AND coupons.member_id = :gone_id AND coupons.used_at IS NULL
       AND coupons.order_id IS NULL
    RETURNING moved.id AS new_id, coupons.offer_id, coupons.issued_at, coupons.expires_at,
              coupons.source
)
INSERT INTO pricing.coupons (bucket, id, member_id, offer_id, issued_at, expires_at, source)
SELECT :bucket, new_id, :member_id, offer_id, issued_at, expires_at, source
  FROM gone
    ON CONFLICT (bucket, id) DO NOTHING;

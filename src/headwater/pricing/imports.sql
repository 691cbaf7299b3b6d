-- name: put_prices
-- The history row is written where the price row changed, so a repeat writes neither.
WITH put AS (
    INSERT INTO pricing.prices
           (variant_id, place_id, price_fen, member_price_fen, valid_from_at)
    SELECT variant_id, place_id, price_fen, member_price_fen, :now
      FROM unnest(:variant_id::uuid[], :place_id::uuid[], :price_fen::bigint[],
                  :member_price_fen::bigint[])
           AS given (variant_id, place_id, price_fen, member_price_fen)
        ON CONFLICT (variant_id, place_id) DO UPDATE
       SET price_fen = EXCLUDED.price_fen, member_price_fen = EXCLUDED.member_price_fen,
           valid_from_at = EXCLUDED.valid_from_at
     WHERE (prices.price_fen, prices.member_price_fen)
        IS DISTINCT FROM (EXCLUDED.price_fen, EXCLUDED.member_price_fen)
 RETURNING variant_id, place_id, price_fen, member_price_fen
)
INSERT INTO pricing.price_changes
       (id, variant_id, place_id, price_fen, member_price_fen, changed_at, changed_by)
SELECT named.change_id, put.variant_id, put.place_id, put.price_fen, put.member_price_fen, :now,
       :by_whom
  FROM put
  JOIN unnest(:variant_id::uuid[], :place_id::uuid[], :change_id::uuid[])
       AS named (variant_id, place_id, change_id)
 USING (variant_id, place_id);

-- name: put_coupon_offers
INSERT INTO pricing.offers
       (id, brand_id, code, kind, label_zh, label_en, floor_fen, off_fen, starts_at, ends_at)
SELECT id, brand_id, code, 'coupon', label_zh, label_en, 0, off_fen, starts_at, ends_at
  FROM unnest(:id::uuid[], :brand_id::uuid[], :code::text[], :label_zh::text[],
              :label_en::text[], :off_fen::bigint[], :starts_at::timestamptz[],
              :ends_at::timestamptz[])
       AS given (id, brand_id, code, label_zh, label_en, off_fen, starts_at, ends_at)
    ON CONFLICT (code) DO NOTHING;

-- name: put_used_coupons
INSERT INTO pricing.coupons
       (bucket, id, member_id, offer_id, issued_at, expires_at, order_id, used_at, source)
SELECT bucket, id, member_id, offer_id, issued_at, expires_at, order_id, used_at, :source
  FROM unnest(:bucket::smallint[], :id::uuid[], :member_id::uuid[], :offer_id::uuid[],
              :issued_at::timestamptz[], :expires_at::timestamptz[], :order_id::uuid[],
              :used_at::timestamptz[])
       AS given (bucket, id, member_id, offer_id, issued_at, expires_at, order_id, used_at)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: count_used_coupons
-- across buckets: an import counts what it wrote for everybody.
SELECT count(*) FROM pricing.coupons WHERE source = :source AND used_at IS NOT NULL;

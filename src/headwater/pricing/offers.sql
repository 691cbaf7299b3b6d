-- name: coupons_of
SELECT id, code, label_zh, label_en, floor_fen, off_fen, ends_at
  FROM pricing.offers
 WHERE brand_id = :brand_id AND kind = 'coupon' AND starts_at <= :now AND ends_at > :now
 ORDER BY ends_at DESC, code
 LIMIT :most;

-- name: running
SELECT id, label_zh, label_en, floor_fen, off_fen, ends_at
  FROM pricing.offers
 WHERE brand_id = :brand_id AND kind = 'threshold' AND starts_at <= :now AND ends_at > :now
   AND (offers.switch_code IS NULL
        OR EXISTS (SELECT FROM pricing.switches
                    WHERE switches.code = offers.switch_code AND switches.store_id = :store_id
                      AND switches.on_at <= :now
                      AND (switches.off_at IS NULL OR switches.off_at > :now)))
 ORDER BY floor_fen, off_fen, id
 LIMIT 60;

-- name: put
INSERT INTO pricing.offers
       (id, brand_id, code, kind, label_zh, label_en, floor_fen, off_fen, starts_at, ends_at,
        switch_code)
VALUES (:id, :brand_id, :code, :kind, :label_zh, :label_en, :floor_fen, :off_fen, :starts_at,
        :ends_at, :switch_code)
    ON CONFLICT (code) DO NOTHING;

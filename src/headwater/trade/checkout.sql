-- name: prepare
-- All that a price depends on, in one round trip: the lines asked for or those in the cart, their
-- prices here, the offers in force and the coupon, and since when the member's logins count.
WITH wanted AS (
    SELECT variant_id, quantity
      FROM unnest(:variant_ids::uuid[], :quantities::int[]) AS asked (variant_id, quantity)
     UNION ALL
    SELECT variant_id, quantity
      FROM trade.cart_lines
     WHERE :is_from_cart AND bucket = :bucket AND member_id = :member_id AND store_id = :store_id
)
SELECT wanted.variant_id, wanted.quantity,
       coalesce(here.price_fen, everywhere.price_fen) AS price_fen,
       CASE WHEN here.price_fen IS NULL THEN everywhere.member_price_fen
            ELSE here.member_price_fen END AS member_price_fen,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(
                   offers.id, offers.kind, offers.floor_fen, offers.off_fen)), '[]')
          FROM pricing.offers
         WHERE offers.brand_id = store.brand_id
           AND offers.starts_at <= :now AND offers.ends_at > :now
           AND (offers.switch_code IS NULL
                OR EXISTS (SELECT FROM pricing.switches
                            WHERE switches.code = offers.switch_code
                              AND switches.store_id = store.id
                              AND switches.on_at <= :now
                              AND (switches.off_at IS NULL OR switches.off_at > :now)))
           AND (offers.kind = 'threshold'
                OR offers.id = (SELECT coupons.offer_id
                                  FROM pricing.coupons
                                 WHERE coupons.bucket = :bucket AND coupons.id = :coupon_id
                                   AND coupons.member_id = :member_id
                                   AND coupons.used_at IS NULL AND coupons.expires_at > :now))
       ) AS offers,
       (SELECT members.sessions_from_at
          FROM members.members
         WHERE members.bucket = :bucket AND members.id = :member_id
           AND members.erased_at IS NULL) AS sessions_from_at
  FROM wanted
  JOIN stores.stores AS store ON store.id = :store_id AND store.is_open
  LEFT JOIN pricing.prices AS here
    ON here.variant_id = wanted.variant_id AND here.place_id = store.id
  LEFT JOIN pricing.prices AS everywhere
    ON everywhere.variant_id = wanted.variant_id AND everywhere.place_id = store.brand_id
 ORDER BY wanted.variant_id;

-- name: prepare_asked
-- The same for lines that are named, without cart and coupon, as a launch's orders come: each
-- member's table that is looked at brings its walls along, and they cost more than the rows.
SELECT wanted.variant_id, wanted.quantity,
       coalesce(here.price_fen, everywhere.price_fen) AS price_fen,
       CASE WHEN here.price_fen IS NULL THEN everywhere.member_price_fen
            ELSE here.member_price_fen END AS member_price_fen,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(
                   offers.id, offers.kind, offers.floor_fen, offers.off_fen)), '[]')
          FROM pricing.offers
         WHERE offers.brand_id = store.brand_id AND offers.kind = 'threshold'
           AND offers.starts_at <= :now AND offers.ends_at > :now
           AND (offers.switch_code IS NULL
                OR EXISTS (SELECT FROM pricing.switches
                            WHERE switches.code = offers.switch_code
                              AND switches.store_id = store.id
                              AND switches.on_at <= :now
                              AND (switches.off_at IS NULL OR switches.off_at > :now)))) AS offers,
       (SELECT members.sessions_from_at
          FROM members.members
         WHERE members.bucket = :bucket AND members.id = :member_id
           AND members.erased_at IS NULL) AS sessions_from_at
  FROM unnest(:variant_ids::uuid[], :quantities::int[]) AS wanted (variant_id, quantity)
  JOIN stores.stores AS store ON store.id = :store_id AND store.is_open
  LEFT JOIN pricing.prices AS here
    ON here.variant_id = wanted.variant_id AND here.place_id = store.id
  LEFT JOIN pricing.prices AS everywhere
    ON everywhere.variant_id = wanted.variant_id AND everywhere.place_id = store.brand_id
 ORDER BY wanted.variant_id;

-- name: place
-- The order, its lines, what is owed and the first log row stand or fall together. A second
-- request with the same id finds the key taken and writes nothing.
WITH placed AS (
    INSERT INTO trade.orders
           (bucket, id, number, member_id, store_id, kind, state, door, fulfilment, touch_code,
            goods_fen, discount_fen, payable_fen, placed_at, due_at, close_at)
    VALUES (:bucket, :order_id, :number, :member_id, :store_id, :kind, 'placed', :door,
            :fulfilment, :touch_code, :goods_fen, :discount_fen, :payable_fen, :now, :due_at,
            :due_at)
        ON CONFLICT (bucket, id) DO NOTHING
 RETURNING id
), lined AS (
    INSERT INTO trade.order_lines
           (bucket, order_id, line_no, member_id, store_id, variant_id, quantity, unit_fen,
            goods_fen, discount_fen, payable_fen, parts)
    SELECT :bucket, placed.id, line.line_no, :member_id, :store_id, line.variant_id,
           line.quantity, line.unit_fen, line.goods_fen, line.discount_fen,
           line.goods_fen - line.discount_fen, :lines_parts::jsonb -> (line.line_no - 1)::int
      FROM placed, unnest(:variant_ids::uuid[], :quantities::int[], :units_fen::bigint[],
                          :lines_goods_fen::bigint[], :lines_discount_fen::bigint[])
           WITH ORDINALITY
           AS line (variant_id, quantity, unit_fen, goods_fen, discount_fen, line_no)
), owed AS (
    INSERT INTO trade.payables (bucket, order_id, member_id, amount_fen)
    SELECT :bucket, placed.id, :member_id, :payable_fen FROM placed
), logged AS (
    INSERT INTO trade.order_log
           (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
    SELECT :bucket, placed.id, :log_id, NULL, 'placed', :door, 'member', :now FROM placed
)
SELECT id FROM placed;

-- name: empty_cart
-- A line that was added to the cart, or changed, since the price was made stays there.
DELETE FROM trade.cart_lines
 USING unnest(:variant_ids::uuid[], :quantities::int[]) AS line (variant_id, quantity)
 WHERE cart_lines.bucket = :bucket AND cart_lines.member_id = :member_id
   AND cart_lines.store_id = :store_id
   AND cart_lines.variant_id = line.variant_id AND cart_lines.quantity = line.quantity;

-- name: find
SELECT id, number, store_id, state, payable_fen, due_at
  FROM trade.orders
 WHERE bucket = :bucket AND id = :order_id AND member_id = :member_id;

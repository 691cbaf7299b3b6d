-- name: put
-- What is not in the catalog would lie in the cart unseen and never have a price.
INSERT INTO trade.cart_lines
       (bucket, member_id, store_id, variant_id, quantity, touch_code, door, added_at)
SELECT :bucket, :member_id, stores.id, variants.id, least(:quantity::int, 999), :touch_code, :door,
       :now
  FROM catalog.variants, stores.stores
 WHERE variants.id = :variant_id AND stores.id = :store_id
    ON CONFLICT (bucket, member_id, store_id, variant_id) DO UPDATE
   SET quantity = least(cart_lines.quantity + EXCLUDED.quantity, 999),
       touch_code = coalesce(EXCLUDED.touch_code, cart_lines.touch_code);

-- name: set_line
INSERT INTO trade.cart_lines
       (bucket, member_id, store_id, variant_id, quantity, touch_code, door, added_at)
SELECT :bucket, :member_id, stores.id, variants.id, :quantity, :touch_code, :door, :now
  FROM catalog.variants, stores.stores
 WHERE variants.id = :variant_id AND stores.id = :store_id
    ON CONFLICT (bucket, member_id, store_id, variant_id) DO UPDATE
   SET quantity = EXCLUDED.quantity,
       touch_code = coalesce(EXCLUDED.touch_code, cart_lines.touch_code);

-- name: change
UPDATE trade.cart_lines
   SET quantity = :quantity
 WHERE bucket = :bucket AND member_id = :member_id AND store_id = :store_id
   AND variant_id = :variant_id;

-- name: remove
DELETE FROM trade.cart_lines
 WHERE bucket = :bucket AND member_id = :member_id AND store_id = :store_id
   AND variant_id = :variant_id;

-- name: move
WITH lifted AS (
    DELETE FROM trade.cart_lines
     WHERE bucket = :bucket AND member_id = :member_id AND store_id = :from_store_id
 RETURNING variant_id, quantity, touch_code, door, added_at
)
INSERT INTO trade.cart_lines
       (bucket, member_id, store_id, variant_id, quantity, touch_code, door, added_at)
SELECT :bucket, :member_id, :to_store_id, variant_id, quantity, touch_code, door, added_at
  FROM lifted
    ON CONFLICT (bucket, member_id, store_id, variant_id) DO UPDATE
   SET quantity = least(cart_lines.quantity + EXCLUDED.quantity, 999),
       touch_code = coalesce(cart_lines.touch_code, EXCLUDED.touch_code);

-- name: lines
SELECT line.variant_id, line.quantity, line.touch_code, products.id AS product_id,
       products.title_zh, products.title_en, products.size_label,
       categories.code AS category_code, pictures.small AS picture,
       greatest(coalesce(levels.on_hand - levels.held, 0), 0) AS free
  FROM trade.cart_lines AS line
  JOIN catalog.variants ON variants.id = line.variant_id
  JOIN catalog.products ON products.id = variants.product_id
  JOIN catalog.categories ON categories.id = products.category_id
  LEFT JOIN catalog.pictures ON pictures.subject_id = products.id
  LEFT JOIN stock.levels
    ON levels.store_id = line.store_id AND levels.variant_id = line.variant_id
 WHERE line.bucket = :bucket AND line.member_id = :member_id AND line.store_id = :store_id
 ORDER BY line.added_at, line.variant_id;

-- name: count
SELECT coalesce(sum(quantity), 0)::int FROM trade.cart_lines
 WHERE bucket = :bucket AND member_id = :member_id;

-- name: stores
SELECT store_id, sum(quantity)::int AS quantity
  FROM trade.cart_lines
 WHERE bucket = :bucket AND member_id = :member_id
 GROUP BY store_id
 ORDER BY max(added_at) DESC;

-- name: lift
DELETE FROM trade.cart_lines
 WHERE bucket = :bucket AND member_id = :visitor_id
RETURNING store_id, variant_id, quantity, touch_code, door, added_at;

-- name: merge
-- The visitor's line joins the member's; the larger number counts, since both are one wish. What
-- was scanned is in a hand and no wish: of two who scanned, both count.
INSERT INTO trade.cart_lines
       (bucket, member_id, store_id, variant_id, quantity, touch_code, door, added_at)
SELECT :bucket, :member_id, store_id, variant_id, quantity, touch_code, door, :now
  FROM unnest(:store_ids::uuid[], :variant_ids::uuid[], :quantities::int[],
              :touch_codes::text[], :doors::text[])
       AS line (store_id, variant_id, quantity, touch_code, door)
    ON CONFLICT (bucket, member_id, store_id, variant_id) DO UPDATE
   SET quantity = CASE
           WHEN cart_lines.door = 'scango' AND EXCLUDED.door = 'scango'
               THEN least(cart_lines.quantity + EXCLUDED.quantity, 999)
           ELSE greatest(cart_lines.quantity, EXCLUDED.quantity)
       END,
       touch_code = coalesce(cart_lines.touch_code, EXCLUDED.touch_code);

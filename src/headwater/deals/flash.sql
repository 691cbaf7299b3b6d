-- name: set_up
INSERT INTO deals.flash_sales
       (id, store_id, variant_id, label_zh, label_en, price_fen, each_most, starts_at, ends_at)
VALUES (:id, :store_id, :variant_id, :label_zh, :label_en, :price_fen, :each_most, :starts_at,
        :ends_at)
    ON CONFLICT (id) DO NOTHING;

-- name: live
SELECT sale.id, sale.store_id, sale.variant_id, variants.product_id, sale.label_zh, sale.label_en,
       sale.price_fen, sale.each_most, sale.starts_at, sale.ends_at
  FROM deals.flash_sales AS sale
  JOIN catalog.variants ON variants.id = sale.variant_id
 WHERE sale.store_id = :store_id AND sale.starts_at <= :now AND sale.ends_at > :now
 ORDER BY sale.ends_at, sale.id;

-- name: on_show
-- What is on in a store now, and the order with which this person takes part. What has no price
-- there cannot be sold, and is not shown.
SELECT sale.id, variants.product_id, sale.label_zh, sale.label_en, products.title_zh,
       products.title_en, products.size_label, categories.code AS category_code,
       pictures.small AS picture,
       coalesce(here.price_fen, everywhere.price_fen) AS was_fen, sale.price_fen, sale.each_most,
       greatest(coalesce(levels.on_hand - levels.held, 0), 0) AS free, sale.ends_at,
       orders.number AS order_number
  FROM deals.flash_sales AS sale
  JOIN stores.stores AS store ON store.id = sale.store_id
  JOIN catalog.variants ON variants.id = sale.variant_id
  JOIN catalog.products ON products.id = variants.product_id AND products.is_listed
  JOIN catalog.categories ON categories.id = products.category_id
  LEFT JOIN catalog.pictures ON pictures.subject_id = products.id
  LEFT JOIN pricing.prices AS here
    ON here.variant_id = sale.variant_id AND here.place_id = store.id
  LEFT JOIN pricing.prices AS everywhere
    ON everywhere.variant_id = sale.variant_id AND everywhere.place_id = store.brand_id
  LEFT JOIN stock.levels
    ON levels.store_id = store.id AND levels.variant_id = sale.variant_id
  LEFT JOIN deals.flash_claims AS claim
    ON claim.bucket = :bucket AND claim.sale_id = sale.id AND claim.member_id = :member_id
  LEFT JOIN trade.orders
    ON orders.id = claim.order_id
   AND orders.bucket = ANY (array(
           SELECT :bucket::smallint
            UNION ALL
           SELECT gone_bucket
             FROM members.merges
            WHERE merges.bucket = :bucket AND merges.member_id = :member_id))
 WHERE sale.store_id = :store_id AND sale.starts_at <= :now AND sale.ends_at > :now
   AND coalesce(here.price_fen, everywhere.price_fen) IS NOT NULL
 ORDER BY sale.ends_at, sale.id
 LIMIT 60;

-- name: one
SELECT sale.id, sale.store_id, sale.variant_id, variants.product_id, sale.label_zh, sale.label_en,
       sale.price_fen, sale.each_most, sale.starts_at, sale.ends_at
  FROM deals.flash_sales AS sale
  JOIN catalog.variants ON variants.id = sale.variant_id
 WHERE sale.id = :id AND sale.starts_at <= :now AND sale.ends_at > :now;

-- name: claim
-- The key closes the race: of two orders at once one takes part.
INSERT INTO deals.flash_claims (bucket, sale_id, member_id, order_id, quantity, claimed_at)
VALUES (:bucket, :sale_id, :member_id, :order_id, :quantity, :now)
    ON CONFLICT (bucket, sale_id, member_id) DO NOTHING;

-- name: claimed
SELECT order_id
  FROM deals.flash_claims
 WHERE bucket = :bucket AND sale_id = :sale_id AND member_id = :member_id;

-- name: free
DELETE FROM deals.flash_claims
 WHERE bucket = :bucket AND member_id = :member_id AND order_id = :order_id;

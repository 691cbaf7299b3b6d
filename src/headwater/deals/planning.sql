-- name: thing
-- An item number goes before a barcode that happens to look the same.
SELECT variants.id AS variant_id, variants.item_number, products.id AS product_id,
       products.brand_id, products.title_zh, products.title_en
  FROM catalog.variants
  JOIN catalog.products ON products.id = variants.product_id AND products.is_listed
 WHERE variants.item_number = :code
    OR variants.id IN (SELECT barcodes.variant_id FROM catalog.barcodes
                        WHERE barcodes.barcode = :code)
 ORDER BY variants.item_number = :code DESC
 LIMIT 1;

-- name: stands
-- What a thing costs in each of these stores, and whether it is on sale there at that time already.
-- A repeat of the same wish does not stand in its own way.
SELECT store.id AS store_id, coalesce(here.price_fen, everywhere.price_fen) AS price_fen,
       EXISTS (SELECT FROM deals.flash_sales AS sale
                WHERE sale.store_id = store.id AND sale.variant_id = :variant_id
                  AND sale.starts_at < :ends_at AND sale.ends_at > :starts_at
                  AND sale.id <> ALL (:ids::uuid[])) AS is_taken
  FROM stores.stores AS store
  LEFT JOIN pricing.prices AS here
    ON here.variant_id = :variant_id AND here.place_id = store.id
  LEFT JOIN pricing.prices AS everywhere
    ON everywhere.variant_id = :variant_id AND everywhere.place_id = store.brand_id
 WHERE store.id = ANY (:store_ids::uuid[]);

-- name: write
INSERT INTO deals.flash_sales
       (id, store_id, variant_id, label_zh, label_en, price_fen, each_most, starts_at, ends_at)
SELECT place.id, place.store_id, :variant_id, :label_zh, :label_en, :price_fen, :each_most,
       :starts_at, :ends_at
  FROM unnest(:ids::uuid[], :store_ids::uuid[]) AS place (id, store_id)
    ON CONFLICT (id) DO NOTHING;

-- name: of_store
-- across buckets: a sale is for every member.
SELECT sale.id, sale.label_zh, sale.label_en, products.id AS product_id, products.title_zh,
       products.title_en, products.size_label, variants.item_number, sale.price_fen,
       sale.each_most, sale.starts_at, sale.ends_at,
       (SELECT coalesce(sum(claim.quantity), 0)
          FROM deals.flash_claims AS claim
         WHERE claim.bucket BETWEEN 0 AND 1023 AND claim.sale_id = sale.id)::int AS taken
  FROM deals.flash_sales AS sale
  JOIN catalog.variants ON variants.id = sale.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE sale.store_id = :store_id
 ORDER BY sale.ends_at DESC, sale.id
 LIMIT :most OFFSET :skip;

-- name: count
SELECT count(*)::int AS sales FROM deals.flash_sales WHERE store_id = :store_id;

-- name: where_is
SELECT store_id, starts_at, ends_at FROM deals.flash_sales WHERE id = :id FOR UPDATE;

-- name: end_now
UPDATE deals.flash_sales
   SET ends_at = greatest(:now, starts_at + interval '1 microsecond')
 WHERE id = :id AND starts_at <= :now AND ends_at > :now;

-- name: call_off
-- Nobody has taken part in what has not begun.
DELETE FROM deals.flash_sales WHERE id = :id AND starts_at > :now;

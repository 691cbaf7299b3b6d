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

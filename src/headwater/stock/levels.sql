-- name: of_variant
SELECT levels.store_id, levels.on_hand - levels.held AS free
  FROM stock.levels
 WHERE levels.variant_id = :variant_id AND levels.on_hand > levels.held
 ORDER BY free DESC
 LIMIT :most;

-- name: in_store
SELECT levels.variant_id, levels.on_hand - levels.held AS free
  FROM stock.levels
 WHERE levels.store_id = :store_id AND levels.variant_id = ANY (:variant_ids::uuid[]);

-- name: page
SELECT products.id AS product_id, levels.variant_id, variants.item_number, products.title_zh,
       products.title_en, products.size_label, levels.on_hand, levels.held
  FROM (SELECT variant_id, on_hand, held
          FROM stock.levels
         WHERE store_id = :store_id
         ORDER BY on_hand - held, variant_id
         LIMIT :most OFFSET :skip) AS levels
  JOIN catalog.variants ON variants.id = levels.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 ORDER BY levels.on_hand - levels.held, levels.variant_id;

-- name: count
SELECT count(*) FROM stock.levels WHERE store_id = :store_id;

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
SELECT levels.variant_id, levels.on_hand, levels.held
  FROM stock.levels
 WHERE levels.store_id = :store_id
 ORDER BY levels.on_hand - levels.held, levels.variant_id
 LIMIT :most OFFSET :skip;

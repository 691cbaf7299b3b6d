-- name: cards
-- What a shopper sees of products at a store: its price there and what is left there.
SELECT products.id, variants.id AS variant_id, products.title_zh, products.title_en,
       products.size_label, categories.code AS category_code,
       departments.code AS department_code, variants.item_number,
       coalesce(here.price_fen, everywhere.price_fen) AS price_fen,
       CASE WHEN here.price_fen IS NULL THEN everywhere.member_price_fen
            ELSE here.member_price_fen END AS member_price_fen,
       greatest(coalesce(levels.on_hand - levels.held, 0), 0) AS free,
       pictures.small AS picture
  FROM unnest(:product_ids::uuid[]) WITH ORDINALITY AS wanted (id, place)
  JOIN catalog.products ON products.id = wanted.id AND products.is_listed
  JOIN catalog.categories ON categories.id = products.category_id
  JOIN catalog.departments ON departments.id = categories.department_id
  JOIN stores.stores AS store ON store.id = :store_id
  JOIN LATERAL (SELECT id, item_number FROM catalog.variants
                 WHERE variants.product_id = products.id
                 ORDER BY item_number LIMIT 1) AS variants ON true
  LEFT JOIN pricing.prices AS here
    ON here.variant_id = variants.id AND here.place_id = store.id
  LEFT JOIN pricing.prices AS everywhere
    ON everywhere.variant_id = variants.id AND everywhere.place_id = store.brand_id
  LEFT JOIN stock.levels
    ON levels.store_id = store.id AND levels.variant_id = variants.id
  LEFT JOIN catalog.pictures ON pictures.subject_id = products.id
 ORDER BY wanted.place;

-- name: in_stock
-- What sells most of what this store has on its shelf now.
SELECT products.id
  FROM catalog.products
  JOIN catalog.variants ON variants.product_id = products.id
  JOIN stock.levels ON levels.variant_id = variants.id AND levels.store_id = :store_id
 WHERE products.is_listed AND levels.on_hand > levels.held
 ORDER BY products.popularity DESC, products.id
 LIMIT :most OFFSET :skip;

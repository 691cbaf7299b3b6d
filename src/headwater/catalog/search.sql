-- name: by_code
-- An item number or a barcode is exact, and goes before words.
SELECT variants.product_id AS id
  FROM catalog.variants
 WHERE variants.item_number = :code
 UNION
SELECT variants.product_id
  FROM catalog.barcodes
  JOIN catalog.variants ON variants.id = barcodes.variant_id
 WHERE barcodes.barcode = :code
 LIMIT 2;

-- name: by_terms
SELECT products.id
  FROM catalog.products
 WHERE products.terms @> :terms::text[] AND products.is_listed
   AND (:brand_id::uuid IS NULL OR products.brand_id = :brand_id)
 ORDER BY products.popularity DESC, products.id
 LIMIT :most OFFSET :skip;

-- name: near
-- Nothing holds every term: show what holds any, those with more of them first.
SELECT near.id
  FROM (SELECT products.id, products.popularity,
               cardinality(ARRAY(SELECT unnest(products.terms)
                                 INTERSECT SELECT unnest(:terms::text[]))) AS shared
          FROM catalog.products
         WHERE products.terms && :terms::text[] AND products.is_listed
           AND (:brand_id::uuid IS NULL OR products.brand_id = :brand_id)
         ORDER BY products.popularity DESC
         LIMIT 2000) AS near
 ORDER BY near.shared DESC, near.popularity DESC, near.id
 LIMIT :most;

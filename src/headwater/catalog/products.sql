-- name: departments
SELECT id, code, name_zh, name_en FROM catalog.departments ORDER BY rank, code;

-- name: categories
SELECT categories.id, categories.department_id, departments.code AS department_code,
       categories.code, categories.name_zh, categories.name_en
  FROM catalog.categories
  JOIN catalog.departments ON departments.id = categories.department_id
 ORDER BY departments.rank, categories.code;

-- name: popular
SELECT products.id
  FROM catalog.products
 WHERE products.is_listed
 ORDER BY products.popularity DESC, products.id
 LIMIT :most OFFSET :skip;

-- name: in_category
SELECT products.id
  FROM catalog.products
 WHERE products.category_id = ANY (:category_ids::uuid[]) AND products.is_listed
   AND (:brand_id::uuid IS NULL OR products.brand_id = :brand_id)
 ORDER BY products.popularity DESC, products.id
 LIMIT :most OFFSET :skip;

-- name: one
SELECT products.id, products.external_id, products.brand_id, products.category_id,
       categories.code AS category_code, categories.name_zh AS category_zh,
       categories.name_en AS category_en, departments.code AS department_code,
       departments.name_zh AS department_zh, departments.name_en AS department_en,
       products.title_zh, products.title_en, products.maker, products.size_label,
       variants.id AS variant_id, variants.item_number,
       (SELECT min(barcodes.barcode) FROM catalog.barcodes
         WHERE barcodes.variant_id = variants.id) AS barcode,
       pictures.large AS picture
  FROM catalog.products
  JOIN catalog.categories ON categories.id = products.category_id
  JOIN catalog.departments ON departments.id = categories.department_id
  JOIN catalog.variants ON variants.product_id = products.id
  LEFT JOIN catalog.pictures ON pictures.subject_id = products.id
 WHERE products.id = :product_id
 ORDER BY variants.item_number
 LIMIT 1;

-- name: by_barcode
SELECT variants.id AS variant_id, variants.product_id
  FROM catalog.barcodes
  JOIN catalog.variants ON variants.id = barcodes.variant_id
 WHERE barcodes.barcode = :barcode;

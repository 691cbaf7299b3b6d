-- name: put_departments
INSERT INTO catalog.departments (id, code, name_zh, name_en, rank)
SELECT id, code, name_zh, name_en, rank
  FROM unnest(:id::uuid[], :code::text[], :name_zh::text[], :name_en::text[], :rank::int[])
       AS given (id, code, name_zh, name_en, rank)
    ON CONFLICT (code) DO UPDATE
   SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en, rank = EXCLUDED.rank
 WHERE (departments.name_zh, departments.name_en, departments.rank)
    IS DISTINCT FROM (EXCLUDED.name_zh, EXCLUDED.name_en, EXCLUDED.rank);

-- name: add_departments
INSERT INTO catalog.departments (id, code, name_zh, name_en, rank)
SELECT id, code, name_zh, name_en, rank
  FROM unnest(:id::uuid[], :code::text[], :name_zh::text[], :name_en::text[], :rank::int[])
       AS given (id, code, name_zh, name_en, rank)
    ON CONFLICT (code) DO NOTHING;

-- name: known_departments
SELECT code, id FROM catalog.departments;

-- name: put_categories
INSERT INTO catalog.categories (id, department_id, code, name_zh, name_en)
SELECT id, department_id, code, name_zh, name_en
  FROM unnest(:id::uuid[], :department_id::uuid[], :code::text[], :name_zh::text[],
              :name_en::text[])
       AS given (id, department_id, code, name_zh, name_en)
    ON CONFLICT (code) DO UPDATE
   SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en,
       department_id = EXCLUDED.department_id
 WHERE (categories.department_id, categories.name_zh, categories.name_en)
    IS DISTINCT FROM (EXCLUDED.department_id, EXCLUDED.name_zh, EXCLUDED.name_en);

-- name: put_products
INSERT INTO catalog.products
       (id, external_id, brand_id, category_id, title_zh, title_en, maker, is_own_brand,
        size_label, terms, popularity, is_listed)
SELECT id, external_id, brand_id, category_id, title_zh, title_en, maker, is_own_brand,
       size_label, string_to_array(terms, ' '), popularity, is_listed
  FROM unnest(:id::uuid[], :external_id::text[], :brand_id::uuid[], :category_id::uuid[],
              :title_zh::text[], :title_en::text[], :maker::text[], :is_own_brand::boolean[],
              :size_label::text[], :terms::text[], :popularity::int[], :is_listed::boolean[])
       AS given (id, external_id, brand_id, category_id, title_zh, title_en, maker, is_own_brand,
                 size_label, terms, popularity, is_listed)
    ON CONFLICT (external_id) DO UPDATE
   SET brand_id = EXCLUDED.brand_id, category_id = EXCLUDED.category_id,
       title_zh = EXCLUDED.title_zh, title_en = EXCLUDED.title_en, maker = EXCLUDED.maker,
       is_own_brand = EXCLUDED.is_own_brand, size_label = EXCLUDED.size_label,
       terms = EXCLUDED.terms, is_listed = EXCLUDED.is_listed
 WHERE (products.brand_id, products.category_id, products.title_zh, products.title_en,
        products.maker, products.is_own_brand, products.size_label, products.terms,
        products.is_listed)
    IS DISTINCT FROM
       (EXCLUDED.brand_id, EXCLUDED.category_id, EXCLUDED.title_zh, EXCLUDED.title_en,
        EXCLUDED.maker, EXCLUDED.is_own_brand, EXCLUDED.size_label, EXCLUDED.terms,
        EXCLUDED.is_listed)
RETURNING external_id;

-- name: put_variants
WITH put AS (
    INSERT INTO catalog.variants (id, product_id, item_number, is_weighed)
    SELECT given.variant_id, products.id, given.item_number, given.is_weighed
      FROM unnest(:external_id::text[], :variant_id::uuid[], :item_number::text[],
                  :is_weighed::boolean[])
           AS given (external_id, variant_id, item_number, is_weighed)
      JOIN catalog.products ON products.external_id = given.external_id
        ON CONFLICT (item_number) DO UPDATE
       SET is_weighed = EXCLUDED.is_weighed
     WHERE variants.is_weighed IS DISTINCT FROM EXCLUDED.is_weighed
 RETURNING product_id
)
SELECT products.external_id FROM put JOIN catalog.products ON products.id = put.product_id;

-- name: put_barcodes
WITH put AS (
    INSERT INTO catalog.barcodes (barcode, variant_id)
    SELECT given.barcode, variants.id
      FROM unnest(:barcode::text[], :item_number::text[]) AS given (barcode, item_number)
      JOIN catalog.variants ON variants.item_number = given.item_number
     WHERE given.barcode <> ''
        ON CONFLICT (barcode) DO NOTHING
 RETURNING variant_id
)
SELECT products.external_id
  FROM put
  JOIN catalog.variants ON variants.id = put.variant_id
  JOIN catalog.products ON products.id = variants.product_id;

-- name: known_categories
SELECT code, id FROM catalog.categories;

-- name: known_variants
SELECT item_number AS code, id
  FROM catalog.variants
 WHERE item_number = ANY (:item_numbers::text[]);

-- name: taken_barcodes
SELECT barcodes.barcode AS code, products.external_id
  FROM catalog.barcodes
  JOIN catalog.variants ON variants.id = barcodes.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE barcodes.barcode = ANY (:barcodes::text[]);

-- name: taken_item_numbers
SELECT variants.item_number AS code, products.external_id
  FROM catalog.variants
  JOIN catalog.products ON products.id = variants.product_id
 WHERE variants.item_number = ANY (:item_numbers::text[]);

-- name: item_numbers_of
SELECT variants.item_number AS code, products.external_id
  FROM catalog.products
  JOIN catalog.variants ON variants.product_id = products.id
 WHERE products.external_id = ANY (:external_ids::text[]);

-- name: count_products
SELECT count(*) FROM catalog.products WHERE starts_with(external_id, :prefix);

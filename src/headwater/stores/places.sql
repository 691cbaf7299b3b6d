-- name: all_stores
SELECT id, brand_id, region_id, code, kind, name_zh, name_en, city_zh, city_en, address_zh,
       address_en, is_open
  FROM stores.stores
 ORDER BY kind DESC, code;

-- name: brands
SELECT id, code, name_zh, name_en FROM stores.brands ORDER BY code;

-- name: regions
SELECT id, brand_id, code, name_zh, name_en FROM stores.regions ORDER BY code;

-- name: add_brand
INSERT INTO stores.brands (id, code, name_zh, name_en)
VALUES (:id, :code, :name_zh, :name_en)
    ON CONFLICT (id) DO NOTHING;

-- name: add_region
INSERT INTO stores.regions (id, brand_id, code, name_zh, name_en)
VALUES (:id, :brand_id, :code, :name_zh, :name_en)
    ON CONFLICT (id) DO NOTHING;

-- name: add_store
INSERT INTO stores.stores
       (id, brand_id, region_id, code, kind, name_zh, name_en, city_zh, city_en)
VALUES (:id, :brand_id, :region_id, :code, :kind, :name_zh, :name_en, :city_zh, :city_en)
    ON CONFLICT (id) DO NOTHING;

-- name: put_brands
INSERT INTO stores.brands (id, code, name_zh, name_en)
SELECT id, code, name_zh, name_en
  FROM unnest(:id::uuid[], :code::text[], :name_zh::text[], :name_en::text[])
       AS given (id, code, name_zh, name_en)
    ON CONFLICT (code) DO UPDATE
   SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en
 WHERE (brands.name_zh, brands.name_en) IS DISTINCT FROM (EXCLUDED.name_zh, EXCLUDED.name_en);

-- name: put_regions
INSERT INTO stores.regions (id, brand_id, code, name_zh, name_en)
SELECT id, brand_id, code, name_zh, name_en
  FROM unnest(:id::uuid[], :brand_id::uuid[], :code::text[], :name_zh::text[], :name_en::text[])
       AS given (id, brand_id, code, name_zh, name_en)
    ON CONFLICT (code) DO UPDATE
   SET name_zh = EXCLUDED.name_zh, name_en = EXCLUDED.name_en
 WHERE (regions.name_zh, regions.name_en) IS DISTINCT FROM (EXCLUDED.name_zh, EXCLUDED.name_en);

-- name: put_stores
-- A store keeps its brand: its orders and grants hang on it.
INSERT INTO stores.stores
       (id, brand_id, region_id, code, kind, name_zh, name_en, city_zh, city_en, address_zh,
        address_en, is_demo_label, is_open)
SELECT id, brand_id, region_id, code, kind, name_zh, name_en, city_zh, city_en, address_zh,
       address_en, is_demo_label, is_open
  FROM unnest(:id::uuid[], :brand_id::uuid[], :region_id::uuid[], :code::text[], :kind::text[],
              :name_zh::text[], :name_en::text[], :city_zh::text[], :city_en::text[],
              :address_zh::text[], :address_en::text[], :is_demo_label::boolean[],
              :is_open::boolean[])
       AS given (id, brand_id, region_id, code, kind, name_zh, name_en, city_zh, city_en,
                 address_zh, address_en, is_demo_label, is_open)
    ON CONFLICT (code) DO UPDATE
   SET region_id = EXCLUDED.region_id, kind = EXCLUDED.kind, name_zh = EXCLUDED.name_zh,
       name_en = EXCLUDED.name_en, city_zh = EXCLUDED.city_zh, city_en = EXCLUDED.city_en,
       address_zh = EXCLUDED.address_zh, address_en = EXCLUDED.address_en,
       is_demo_label = EXCLUDED.is_demo_label, is_open = EXCLUDED.is_open
 WHERE (stores.region_id, stores.kind, stores.name_zh, stores.name_en, stores.city_zh,
        stores.city_en, stores.address_zh, stores.address_en, stores.is_demo_label,
        stores.is_open)
    IS DISTINCT FROM
       (EXCLUDED.region_id, EXCLUDED.kind, EXCLUDED.name_zh, EXCLUDED.name_en, EXCLUDED.city_zh,
        EXCLUDED.city_en, EXCLUDED.address_zh, EXCLUDED.address_en, EXCLUDED.is_demo_label,
        EXCLUDED.is_open);

-- name: put_staff
INSERT INTO stores.staff (id, login, name, store_id, is_demo_label, joined_at)
SELECT id, login, name, store_id, is_demo_label, joined_at
  FROM unnest(:id::uuid[], :login::text[], :name::text[], :store_id::uuid[],
              :is_demo_label::boolean[], :joined_at::timestamptz[])
       AS given (id, login, name, store_id, is_demo_label, joined_at)
    ON CONFLICT (login) DO NOTHING;

-- name: put_grants
-- Somebody whose login was taken already was not written, and gets no role either.
INSERT INTO stores.grants (id, staff_id, role, scope_kind, scope_id, granted_at)
SELECT given.id, given.staff_id, given.role, given.scope_kind, given.scope_id, given.granted_at
  FROM unnest(:id::uuid[], :staff_id::uuid[], :role::text[], :scope_kind::text[],
              :scope_id::uuid[], :granted_at::timestamptz[])
       AS given (id, staff_id, role, scope_kind, scope_id, granted_at)
  JOIN stores.staff ON staff.id = given.staff_id
    ON CONFLICT (id) DO NOTHING;

-- name: known_brands
SELECT code, id, id AS brand_id FROM stores.brands;

-- name: known_regions
SELECT code, id, brand_id FROM stores.regions;

-- name: known_stores
SELECT code, id, brand_id FROM stores.stores;

-- name: count_demo_shops
SELECT count(*) FROM stores.stores WHERE kind = 'shop' AND is_demo_label;

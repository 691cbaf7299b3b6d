-- 0003_pre_stores.sql
-- Where the brand sells, and who works there.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA stores;

CREATE TABLE stores.brands (
    id      uuid PRIMARY KEY,
    code    text NOT NULL UNIQUE,
    name_zh text NOT NULL,
    name_en text NOT NULL
);
COMMENT ON TABLE stores.brands IS 'reference: names over doors';

CREATE TABLE stores.regions (
    id       uuid PRIMARY KEY,
    brand_id uuid NOT NULL REFERENCES stores.brands (id),
    code     text NOT NULL UNIQUE,
    name_zh  text NOT NULL,
    name_en  text NOT NULL
);
COMMENT ON TABLE stores.regions IS 'reference: what a supervisor looks after';

CREATE TABLE stores.stores (
    id            uuid    PRIMARY KEY,
    brand_id      uuid    NOT NULL REFERENCES stores.brands (id),
    region_id     uuid    NOT NULL REFERENCES stores.regions (id),
    code          text    NOT NULL UNIQUE,
    kind          text    NOT NULL CHECK (kind IN ('shop', 'warehouse', 'online', 'unit')),
    name_zh       text    NOT NULL,
    name_en       text    NOT NULL,
    city_zh       text    NOT NULL DEFAULT '',
    city_en       text    NOT NULL DEFAULT '',
    address_zh    text    NOT NULL DEFAULT '',
    address_en    text    NOT NULL DEFAULT '',
    is_demo_label boolean NOT NULL DEFAULT false,
    is_open       boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE stores.stores IS 'reference: places with stock and staff';
CREATE INDEX stores_region ON stores.stores (region_id);
CREATE INDEX stores_brand ON stores.stores (brand_id);

CREATE TABLE stores.staff (
    id            uuid PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    name          text NOT NULL,
    password_hash text,
    wecom_user_id text UNIQUE,
    -- The blind index of the phone with which they shop themselves; the number is not kept.
    phone_index   bytea,
    store_id      uuid REFERENCES stores.stores (id),
    is_demo_label boolean NOT NULL DEFAULT false,
    joined_at     timestamptz NOT NULL,
    left_at       timestamptz
);
COMMENT ON TABLE stores.staff IS 'reference: people who work here';
CREATE INDEX staff_store ON stores.staff (store_id);

CREATE TABLE stores.grants (
    id         uuid        PRIMARY KEY,
    staff_id   uuid        NOT NULL REFERENCES stores.staff (id),
    role       text        NOT NULL CHECK (role IN (
        'guide', 'store_manager', 'supervisor', 'operator', 'analyst', 'finance', 'admin', 'chief'
    )),
    scope_kind text        NOT NULL CHECK (scope_kind IN ('company', 'brand', 'region', 'store')),
    scope_id   uuid,
    granted_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CHECK ((scope_kind = 'company') = (scope_id IS NULL))
);
COMMENT ON TABLE stores.grants IS 'reference: which role somebody has, and where';
CREATE INDEX grants_staff ON stores.grants (staff_id);

CREATE TABLE stores.staff_sessions (
    token_hash bytea       PRIMARY KEY,
    staff_id   uuid        NOT NULL REFERENCES stores.staff (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
COMMENT ON TABLE stores.staff_sessions IS 'reference: logins of staff that can be ended';
CREATE INDEX staff_sessions_staff ON stores.staff_sessions (staff_id);

CREATE TABLE stores.machines (
    name        text        PRIMARY KEY,
    key_hash    bytea       NOT NULL UNIQUE,
    permissions text[]      NOT NULL,
    -- No brands: all of the company's.
    brand_ids   uuid[]      NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
COMMENT ON TABLE stores.machines IS 'reference: systems outside that may ask, and for what';

-- The stores that the walls of this transaction allow staff to see.
CREATE VIEW stores.visible AS
SELECT store.id
  FROM stores.stores AS store, base.wall AS wall
 WHERE wall.kind = 'company'
    OR store.brand_id = ANY (wall.brand_ids)
    OR store.region_id = ANY (wall.region_ids)
    OR store.id = ANY (wall.store_ids);

-- 0004_pre_catalog.sql
-- What can be bought, and by which codes it is found.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA catalog;

CREATE TABLE catalog.departments (
    id      uuid PRIMARY KEY,
    code    text NOT NULL UNIQUE,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank    integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE catalog.departments IS 'reference: the first level of the shelf';

CREATE TABLE catalog.categories (
    id            uuid PRIMARY KEY,
    department_id uuid NOT NULL REFERENCES catalog.departments (id),
    code          text NOT NULL UNIQUE,
    name_zh       text NOT NULL,
    name_en       text NOT NULL
);
COMMENT ON TABLE catalog.categories IS 'reference: the second level of the shelf';
CREATE INDEX categories_department ON catalog.categories (department_id);

CREATE TABLE catalog.products (
    id          uuid    PRIMARY KEY,
    external_id text    NOT NULL UNIQUE,
    brand_id    uuid    NOT NULL REFERENCES stores.brands (id),
    category_id uuid    NOT NULL REFERENCES catalog.categories (id),
    title_zh    text    NOT NULL,
    title_en    text    NOT NULL,
    maker       text    NOT NULL DEFAULT '',
    is_own_brand boolean NOT NULL DEFAULT false,
    size_label  text    NOT NULL DEFAULT '',
    terms       text[]  NOT NULL DEFAULT '{}',
    popularity  integer NOT NULL DEFAULT 0,
    is_listed   boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE catalog.products IS 'reference: what a shopper thinks of as one thing (SPU)';
CREATE INDEX products_category ON catalog.products (category_id, popularity DESC);
CREATE INDEX products_terms ON catalog.products USING gin (terms);
CREATE INDEX products_popularity ON catalog.products (popularity DESC);

-- What somebody uploaded, drawn anew in three sizes; a name in storage is never used again.
CREATE TABLE catalog.pictures (
    subject_id uuid        PRIMARY KEY,
    subject    text        NOT NULL CHECK (subject IN ('product', 'brand')),
    small      text        NOT NULL,
    medium     text        NOT NULL,
    large      text        NOT NULL,
    added_by   uuid        NOT NULL,
    added_at   timestamptz NOT NULL
);
COMMENT ON TABLE catalog.pictures IS 'reference: the pictures of products, and of brands';

CREATE TABLE catalog.variants (
    id         uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES catalog.products (id),
    item_number text NOT NULL UNIQUE,
    spec_zh    text NOT NULL DEFAULT '',
    spec_en    text NOT NULL DEFAULT '',
    is_weighed boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE catalog.variants IS 'reference: what is on the shelf and in the cart (SKU)';
CREATE INDEX variants_product ON catalog.variants (product_id);

CREATE TABLE catalog.barcodes (
    barcode    text PRIMARY KEY,
    variant_id uuid NOT NULL REFERENCES catalog.variants (id)
);
COMMENT ON TABLE catalog.barcodes IS 'reference: what a camera reads';
CREATE INDEX barcodes_variant ON catalog.barcodes (variant_id);

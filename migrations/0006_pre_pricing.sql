-- 0006_pre_pricing.sql
-- What a thing costs, and what changes it.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA pricing;

-- A place is a brand or one of its stores; the store's own price goes before the brand's.
CREATE TABLE pricing.prices (
    variant_id       uuid        NOT NULL REFERENCES catalog.variants (id),
    place_id         uuid        NOT NULL,
    price_fen        bigint      NOT NULL CHECK (price_fen >= 0),
    member_price_fen bigint      CHECK (member_price_fen >= 0 AND member_price_fen <= price_fen),
    valid_from_at    timestamptz NOT NULL,
    PRIMARY KEY (variant_id, place_id)
);
COMMENT ON TABLE pricing.prices IS 'reference: the price in force';

CREATE TABLE pricing.price_changes (
    id               uuid        PRIMARY KEY,
    variant_id       uuid        NOT NULL REFERENCES catalog.variants (id),
    place_id         uuid        NOT NULL,
    price_fen        bigint      NOT NULL,
    member_price_fen bigint,
    changed_at       timestamptz NOT NULL,
    changed_by       text        NOT NULL
);
COMMENT ON TABLE pricing.price_changes IS 'reference: the history of prices';
CREATE INDEX price_changes_variant ON pricing.price_changes (variant_id, changed_at);

CREATE TABLE pricing.offers (
    id         uuid        PRIMARY KEY,
    brand_id   uuid        NOT NULL REFERENCES stores.brands (id),
    code       text        NOT NULL UNIQUE,
    kind       text        NOT NULL CHECK (kind IN ('threshold', 'coupon')),
    label_zh   text        NOT NULL,
    label_en   text        NOT NULL,
    floor_fen  bigint      NOT NULL CHECK (floor_fen >= 0),
    off_fen    bigint      NOT NULL CHECK (off_fen > 0),
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    -- Where this stands, it counts only in stores in which this switch is on. A coupon in hand
    -- says itself where it holds.
    switch_code text       CHECK (switch_code IS NULL OR kind = 'threshold'),
    CHECK (off_fen <= floor_fen OR floor_fen = 0)
);
COMMENT ON TABLE pricing.offers IS 'reference: what changes a price';
-- A checkout asks for what is in force now; a thousand coupons of past years stand beside it.
CREATE INDEX offers_in_force ON pricing.offers (brand_id, ends_at);

-- Whoever lets stores start one after the other writes down here, ahead, when each of them does: a
-- checkout looks at the clock and asks nobody.
CREATE TABLE pricing.switches (
    code     text        NOT NULL,
    store_id uuid        NOT NULL REFERENCES stores.stores (id),
    on_at    timestamptz NOT NULL,
    off_at   timestamptz,
    PRIMARY KEY (code, store_id)
);
COMMENT ON TABLE pricing.switches IS 'reference: since when a store gives what is switched';

CREATE TABLE pricing.coupons (
    bucket      smallint    NOT NULL,
    id          uuid        NOT NULL,
    member_id   uuid        NOT NULL,
    offer_id    uuid        NOT NULL REFERENCES pricing.offers (id),
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    order_id    uuid,
    used_at     timestamptz,
    source      text        NOT NULL DEFAULT '',
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE pricing.coupons IS 'member: a coupon in somebody''s hand, used once';
COMMENT ON COLUMN pricing.coupons.order_id IS 'the order that took it last; used_at says it holds';
CREATE INDEX coupons_member ON pricing.coupons (bucket, member_id);
CREATE INDEX coupons_order ON pricing.coupons (bucket, order_id);
ALTER TABLE pricing.coupons ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON pricing.coupons USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
);

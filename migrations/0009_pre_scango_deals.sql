-- 0009_pre_scango_deals.sql
-- Scan and go: a visit in a store and the pass out of it. Deals: flash prices with an end.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA scango;
CREATE SCHEMA deals;

CREATE TABLE scango.visits (
    bucket     smallint    NOT NULL,
    id         uuid        NOT NULL,
    member_id  uuid        NOT NULL,
    store_id   uuid        NOT NULL,
    order_id   uuid,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE scango.visits IS 'member: somebody scanning through a store';
CREATE INDEX visits_member ON scango.visits (bucket, member_id, started_at DESC);
-- Somebody is in a store once: a second tap at the door finds the visit that is open.
CREATE UNIQUE INDEX visits_open ON scango.visits (bucket, member_id, store_id)
    WHERE ended_at IS NULL;
ALTER TABLE scango.visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON scango.visits USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE scango.exits (
    bucket     smallint    NOT NULL,
    order_id   uuid        NOT NULL,
    store_id   uuid        NOT NULL,
    staff_id   uuid        NOT NULL,
    verdict    text        NOT NULL CHECK (verdict IN ('let_out', 'rescanned', 'stopped')),
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, order_id)
) /* by bucket */;
COMMENT ON TABLE scango.exits IS 'member: a pass lets out once';
ALTER TABLE scango.exits ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON scango.exits USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE deals.flash_sales (
    id         uuid        PRIMARY KEY,
    store_id   uuid        NOT NULL REFERENCES stores.stores (id),
    variant_id uuid        NOT NULL REFERENCES catalog.variants (id),
    label_zh   text        NOT NULL,
    label_en   text        NOT NULL,
    price_fen  bigint      NOT NULL CHECK (price_fen > 0),
    each_most  integer     NOT NULL CHECK (each_most > 0),
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    CHECK (starts_at < ends_at)
);
COMMENT ON TABLE deals.flash_sales IS 'reference: a price for a while, so many to a person';
CREATE INDEX flash_sales_store ON deals.flash_sales (store_id, ends_at);

-- The key is the limit: a member takes part in a flash sale with one order at a time.
CREATE TABLE deals.flash_claims (
    bucket     smallint    NOT NULL,
    sale_id    uuid        NOT NULL REFERENCES deals.flash_sales (id),
    member_id  uuid        NOT NULL,
    order_id   uuid        NOT NULL,
    quantity   integer     NOT NULL CHECK (quantity > 0),
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, sale_id, member_id)
) /* by bucket */;
COMMENT ON TABLE deals.flash_claims IS 'member: who took part in a flash sale';
ALTER TABLE deals.flash_claims ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON deals.flash_claims USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
);

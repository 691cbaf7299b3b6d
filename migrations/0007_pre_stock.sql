-- 0007_pre_stock.sql
-- Counters that cannot go wrong, and the movements that prove them.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA stock;

CREATE TABLE stock.levels (
    store_id   uuid    NOT NULL,
    variant_id uuid    NOT NULL,
    on_hand    integer NOT NULL CHECK (on_hand >= 0),
    held       integer NOT NULL DEFAULT 0 CHECK (held >= 0),
    CHECK (held <= on_hand),
    PRIMARY KEY (store_id, variant_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE stock.levels IS 'stock: how much of a variant a store has, and has set aside';
CREATE INDEX levels_variant ON stock.levels (variant_id);

CREATE TABLE stock.holds (
    store_id   uuid        NOT NULL,
    variant_id uuid        NOT NULL,
    order_id   uuid        NOT NULL,
    quantity   integer     NOT NULL CHECK (quantity > 0),
    state      text        NOT NULL CHECK (state IN ('held', 'sold', 'released')),
    held_until timestamptz NOT NULL,
    PRIMARY KEY (store_id, variant_id, order_id)
);
COMMENT ON TABLE stock.holds IS 'stock: set aside for an order, until sold or let go';
CREATE INDEX holds_order ON stock.holds (order_id);
CREATE INDEX holds_due ON stock.holds (held_until) WHERE state = 'held';

CREATE TABLE stock.movements (
    store_id   uuid        NOT NULL,
    variant_id uuid        NOT NULL,
    cause      text        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN (
        'receive', 'sell', 'return', 'correct', 'transfer'
    )),
    quantity   integer     NOT NULL CHECK (quantity <> 0),
    moved_at   timestamptz NOT NULL,
    PRIMARY KEY (store_id, variant_id, cause)
);
COMMENT ON TABLE stock.movements IS 'stock: every change of on_hand, each cause once';

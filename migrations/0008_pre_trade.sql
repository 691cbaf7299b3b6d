-- 0008_pre_trade.sql
-- The sale: one cart over all doors, an order before its payment, money matched line by line.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA trade;

CREATE TABLE trade.cart_lines (
    bucket     smallint    NOT NULL,
    member_id  uuid        NOT NULL,
    store_id   uuid        NOT NULL,
    variant_id uuid        NOT NULL,
    quantity   integer     NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    touch_code text,
    door       text        NOT NULL,
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (bucket, member_id, store_id, variant_id)
) /* by bucket */;
COMMENT ON TABLE trade.cart_lines IS 'member: one cart over all doors; a visitor''s until login';
ALTER TABLE trade.cart_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.cart_lines USING (
    (SELECT kind FROM base.wall) = 'system'
    OR member_id = (SELECT member_id FROM base.wall)
);

CREATE TABLE trade.orders (
    bucket       smallint    NOT NULL,
    id           uuid        NOT NULL,
    number       text        NOT NULL,
    member_id    uuid        NOT NULL,
    store_id     uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN (
        'normal', 'scan_and_go', 'group', 'flash', 'drop', 'store'
    )),
    state        text        NOT NULL CHECK (state IN (
        'placed', 'paid', 'handed_over', 'closed', 'refunded'
    )),
    door         text        NOT NULL,
    fulfilment   text        NOT NULL CHECK (fulfilment IN ('pickup', 'delivery', 'carried')),
    touch_code   text,
    goods_fen    bigint      NOT NULL CHECK (goods_fen >= 0),
    discount_fen bigint      NOT NULL CHECK (discount_fen >= 0),
    payable_fen  bigint      NOT NULL CHECK (payable_fen = goods_fen - discount_fen),
    refunded_fen bigint      NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND payable_fen),
    external_id  text,
    placed_at    timestamptz NOT NULL,
    due_at       timestamptz,
    close_at     timestamptz,
    paid_at      timestamptz,
    ended_at     timestamptz,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.orders IS 'member: an order; it exists before its payment';
CREATE INDEX orders_member ON trade.orders (bucket, member_id, placed_at DESC);
CREATE INDEX orders_number ON trade.orders (bucket, number);
CREATE INDEX orders_close ON trade.orders (bucket, close_at) WHERE state = 'placed';
CREATE INDEX orders_paid ON trade.orders (bucket, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX orders_store ON trade.orders (bucket, store_id, placed_at DESC);
ALTER TABLE trade.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.orders USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE trade.order_lines (
    bucket            smallint NOT NULL,
    order_id          uuid     NOT NULL,
    line_no           smallint NOT NULL,
    member_id         uuid     NOT NULL,
    store_id          uuid     NOT NULL,
    variant_id        uuid     NOT NULL,
    quantity          integer  NOT NULL CHECK (quantity > 0),
    unit_fen          bigint   NOT NULL CHECK (unit_fen >= 0),
    goods_fen         bigint   NOT NULL CHECK (goods_fen >= 0),
    discount_fen      bigint   NOT NULL CHECK (discount_fen >= 0),
    payable_fen       bigint   NOT NULL CHECK (payable_fen = goods_fen - discount_fen),
    refunded_fen      bigint   NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND payable_fen),
    refunded_quantity integer  NOT NULL DEFAULT 0
        CHECK (refunded_quantity BETWEEN 0 AND quantity),
    parts             jsonb    NOT NULL DEFAULT '[]',
    PRIMARY KEY (bucket, order_id, line_no),
    FOREIGN KEY (bucket, order_id) REFERENCES trade.orders (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.order_lines IS 'member: what was bought, every fen of its price explained';
ALTER TABLE trade.order_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.order_lines USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE trade.order_log (
    bucket     smallint    NOT NULL,
    order_id   uuid        NOT NULL,
    id         uuid        NOT NULL,
    from_state text,
    to_state   text        NOT NULL,
    why        text        NOT NULL,
    by_whom    text        NOT NULL,
    logged_at  timestamptz NOT NULL,
    PRIMARY KEY (bucket, order_id, id),
    FOREIGN KEY (bucket, order_id) REFERENCES trade.orders (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.order_log IS 'member: each change of an order''s state, and why';
ALTER TABLE trade.order_log ENABLE ROW LEVEL SECURITY;
-- An order and its first log row are one statement, in which the order is not visible yet; so
-- writing is free, and reading is behind the order's own walls.
CREATE POLICY write_any ON trade.order_log FOR INSERT WITH CHECK (true);
CREATE POLICY wall ON trade.order_log USING (
    EXISTS (SELECT FROM trade.orders
             WHERE orders.bucket = order_log.bucket AND orders.id = order_log.order_id)
);

CREATE TABLE trade.payables (
    bucket       smallint NOT NULL,
    order_id     uuid     NOT NULL,
    member_id    uuid     NOT NULL,
    amount_fen   bigint   NOT NULL CHECK (amount_fen >= 0),
    paid_fen     bigint   NOT NULL DEFAULT 0 CHECK (paid_fen IN (0, amount_fen)),
    refunded_fen bigint   NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND paid_fen),
    PRIMARY KEY (bucket, order_id),
    FOREIGN KEY (bucket, order_id) REFERENCES trade.orders (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.payables IS 'member: what is owed for an order';
ALTER TABLE trade.payables ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.payables USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR EXISTS (SELECT FROM trade.orders
                WHERE orders.bucket = payables.bucket AND orders.id = payables.order_id)
);

CREATE TABLE trade.attempts (
    bucket         smallint    NOT NULL,
    id             uuid        NOT NULL,
    order_id       uuid        NOT NULL,
    member_id      uuid        NOT NULL,
    out_trade_no   text        NOT NULL,
    channel        text        NOT NULL CHECK (channel IN ('jsapi', 'native')),
    amount_fen     bigint      NOT NULL CHECK (amount_fen > 0),
    state          text        NOT NULL CHECK (state IN ('open', 'paid', 'closed', 'returned')),
    prepay_id      text,
    code_url       text,
    transaction_id text,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    ask_at         timestamptz,
    ended_at       timestamptz,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, out_trade_no),
    FOREIGN KEY (bucket, order_id) REFERENCES trade.orders (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.attempts IS 'member: each try to pay, under its own out_trade_no';
CREATE INDEX attempts_order ON trade.attempts (bucket, order_id);
CREATE INDEX attempts_ask ON trade.attempts (bucket, ask_at) WHERE state = 'open';
ALTER TABLE trade.attempts ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.attempts USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR EXISTS (SELECT FROM trade.orders
                WHERE orders.bucket = attempts.bucket AND orders.id = attempts.order_id)
);

CREATE TABLE trade.payment_events (
    bucket       smallint    NOT NULL,
    id           uuid        NOT NULL,
    event_key    text        NOT NULL,
    out_trade_no text        NOT NULL,
    kind         text        NOT NULL,
    amount_fen   bigint      NOT NULL,
    provider_no  text        NOT NULL,
    outcome      text        NOT NULL,
    body         jsonb       NOT NULL,
    received_at  timestamptz NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, event_key)
) /* by bucket */;
COMMENT ON TABLE trade.payment_events IS 'member: what the provider said, append-only';
ALTER TABLE trade.payment_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.payment_events USING ((SELECT kind FROM base.wall) = 'system');

CREATE TABLE trade.refunds (
    bucket        smallint    NOT NULL,
    id            uuid        NOT NULL,
    order_id      uuid        NOT NULL,
    attempt_id    uuid        NOT NULL,
    member_id     uuid        NOT NULL,
    store_id      uuid        NOT NULL,
    out_refund_no text        NOT NULL,
    amount_fen    bigint      NOT NULL CHECK (amount_fen > 0),
    reason        text        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('owed', 'asked', 'done', 'stuck')),
    takes_back    boolean     NOT NULL,
    ask_at        timestamptz,
    owed_at       timestamptz NOT NULL,
    settled_at    timestamptz,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, out_refund_no),
    FOREIGN KEY (bucket, order_id) REFERENCES trade.orders (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.refunds IS 'member: money on its way back';
CREATE INDEX refunds_order ON trade.refunds (bucket, order_id);
CREATE INDEX refunds_ask ON trade.refunds (bucket, ask_at) WHERE state IN ('owed', 'asked');
CREATE INDEX refunds_stuck ON trade.refunds (bucket, ask_at) WHERE state = 'stuck';
ALTER TABLE trade.refunds ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.refunds USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE trade.refund_lines (
    bucket     smallint NOT NULL,
    refund_id  uuid     NOT NULL,
    line_no    smallint NOT NULL,
    quantity   integer  NOT NULL CHECK (quantity >= 0),
    amount_fen bigint   NOT NULL CHECK (amount_fen >= 0),
    PRIMARY KEY (bucket, refund_id, line_no),
    FOREIGN KEY (bucket, refund_id) REFERENCES trade.refunds (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.refund_lines IS 'member: what of each line goes back';
ALTER TABLE trade.refund_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.refund_lines USING (
    EXISTS (SELECT FROM trade.refunds
             WHERE refunds.bucket = refund_lines.bucket AND refunds.id = refund_lines.refund_id)
);

CREATE TABLE trade.incidents (
    bucket    smallint    NOT NULL,
    id        uuid        NOT NULL,
    order_id  uuid,
    kind      text        NOT NULL,
    details   jsonb       NOT NULL,
    raised_at timestamptz NOT NULL,
    solved_at timestamptz,
    solved_by text,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE trade.incidents IS 'member: what a person has to look at';
ALTER TABLE trade.incidents ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON trade.incidents USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

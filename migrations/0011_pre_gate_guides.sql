-- 0011_pre_gate_guides.sql
-- The one way out, and the people who sell.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA gate;
CREATE SCHEMA guides;

-- A calendar month is the platform's; days are counted back from the moment of sending.
CREATE TABLE gate.budgets (
    channel    text        NOT NULL,
    period     text        NOT NULL CHECK (period IN ('days', 'month')),
    length     integer     NOT NULL CHECK (length > 0),
    most       integer     NOT NULL CHECK (most > 0),
    source     text        NOT NULL,
    dated      date        NOT NULL,
    PRIMARY KEY (channel, period, length)
);
COMMENT ON TABLE gate.budgets IS 'reference: how much a member may get, with its source and date';
INSERT INTO gate.budgets (channel, period, length, most, source, dated) VALUES
    ('official_account', 'month', 1, 4,
     'developers.weixin.qq.com/doc/offiaccount/Message_Management/'
     'Batch_Sends_and_Originality_Checks.html', '2026-11-01'),
    ('any', 'days', 7, 2, 'house rule', '2026-11-01'),
    ('any', 'days', 30, 6, 'house rule', '2026-11-01');

-- Hours of the shop's own clock in which nobody is disturbed.
CREATE TABLE gate.quiet_hours (
    purpose     text     PRIMARY KEY,
    from_hour   smallint NOT NULL CHECK (from_hour BETWEEN 0 AND 23),
    until_hour  smallint NOT NULL CHECK (until_hour BETWEEN 0 AND 23),
    source      text     NOT NULL,
    dated       date     NOT NULL
);
COMMENT ON TABLE gate.quiet_hours IS 'reference: when messages wait for the morning';
INSERT INTO gate.quiet_hours (purpose, from_hour, until_hour, source, dated)
VALUES ('marketing', 22, 9, 'house rule', '2026-11-01');

-- By which of a member's ids a channel reaches them.
CREATE TABLE gate.channels (
    channel       text        PRIMARY KEY,
    identity_kind text        NOT NULL,
    app_id        text        NOT NULL,
    since_at      timestamptz NOT NULL
);
COMMENT ON TABLE gate.channels IS 'reference: the ways out that this installation has';

-- One row a member: planning locks it, so that two campaigns cannot both take the last slot.
CREATE TABLE gate.pressure (
    bucket    smallint    NOT NULL,
    member_id uuid        NOT NULL,
    asked_at  timestamptz NOT NULL,
    PRIMARY KEY (bucket, member_id)
) /* by bucket */;
COMMENT ON TABLE gate.pressure IS 'member: when somebody last planned to speak to them';
ALTER TABLE gate.pressure ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON gate.pressure USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
);

CREATE TABLE gate.messages (
    bucket        smallint    NOT NULL,
    id            uuid        NOT NULL,
    member_id     uuid        NOT NULL,
    channel       text        NOT NULL,
    purpose       text        NOT NULL CHECK (purpose IN ('service', 'marketing')),
    brand_id      uuid        REFERENCES stores.brands (id),
    campaign_id   uuid,
    experiment_id uuid,
    content       jsonb       NOT NULL,
    state         text        NOT NULL CHECK (state IN (
        'planned', 'later', 'refused', 'sending', 'sent', 'unsure', 'failed', 'past'
    )),
    reason        text        NOT NULL DEFAULT '',
    due_at        timestamptz,
    ends_at       timestamptz,
    planned_at    timestamptz NOT NULL,
    claimed_at    timestamptz,
    sent_at       timestamptz,
    provider_no   text,
    opened_at     timestamptz,
    CHECK (state = 'past' OR brand_id IS NOT NULL),
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE gate.messages IS 'member: every touch planned, sent or refused, with its reason';
CREATE UNIQUE INDEX messages_once ON gate.messages (bucket, campaign_id, member_id, channel);
CREATE INDEX messages_due ON gate.messages (bucket, due_at) WHERE state IN ('planned', 'later');
CREATE INDEX messages_claimed ON gate.messages (bucket, claimed_at) WHERE state = 'sending';
CREATE INDEX messages_member ON gate.messages (bucket, member_id, planned_at DESC);
ALTER TABLE gate.messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON gate.messages USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
);

CREATE TABLE guides.relations (
    bucket          smallint    NOT NULL,
    member_id       uuid        NOT NULL,
    guide_id        uuid        NOT NULL REFERENCES stores.staff (id),
    store_id        uuid        NOT NULL REFERENCES stores.stores (id),
    source          text        NOT NULL,
    since_at        timestamptz NOT NULL,
    protected_until timestamptz NOT NULL,
    ended_at        timestamptz,
    PRIMARY KEY (bucket, member_id, guide_id, since_at)
) /* by bucket */;
COMMENT ON TABLE guides.relations IS 'member: guide and member know each other';
-- A member has one guide at a time; what was before stays as a row that ended.
CREATE UNIQUE INDEX relations_current ON guides.relations (bucket, member_id)
    WHERE ended_at IS NULL;
CREATE INDEX relations_guide ON guides.relations (bucket, guide_id);
ALTER TABLE guides.relations ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON guides.relations USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE guides.shares (
    code       text        PRIMARY KEY,
    guide_id   uuid        NOT NULL REFERENCES stores.staff (id),
    store_id   uuid        NOT NULL REFERENCES stores.stores (id),
    product_id uuid        REFERENCES catalog.products (id),
    scene      text        NOT NULL CHECK (scene IN ('link', 'code', 'poster', 'moments', 'chat')),
    shared_at  timestamptz NOT NULL
);
COMMENT ON TABLE guides.shares IS 'reference: a guide''s link, card, code or poster';
CREATE INDEX shares_guide ON guides.shares (guide_id, shared_at DESC);
-- Sharing the same thing again in the same way is the same share.
CREATE UNIQUE INDEX shares_once ON guides.shares (guide_id, store_id, scene, product_id)
    NULLS NOT DISTINCT;

CREATE TABLE guides.touches (
    bucket     smallint    NOT NULL,
    id         uuid        NOT NULL,
    member_id  uuid        NOT NULL,
    share_code text        NOT NULL,
    guide_id   uuid        NOT NULL,
    store_id   uuid        NOT NULL,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
-- The id is made from member, share and hour, so that the key is what counts an hour once.
COMMENT ON TABLE guides.touches IS 'member: a share was opened; a visitor''s id until login';
CREATE INDEX touches_guide ON guides.touches (bucket, guide_id, share_code);
CREATE INDEX touches_member ON guides.touches (bucket, member_id, touched_at DESC);
ALTER TABLE guides.touches ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON guides.touches USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE guides.policies (
    version          integer     PRIMARY KEY,
    from_at          timestamptz NOT NULL,
    touch_days       integer     NOT NULL CHECK (touch_days > 0),
    protect_days     integer     NOT NULL CHECK (protect_days >= 0),
    precedence       text        NOT NULL CHECK (precedence IN ('share_first', 'relation_first')),
    rate_per_10_000  integer     NOT NULL CHECK (rate_per_10_000 BETWEEN 0 AND 3000),
    freeze_days      integer     NOT NULL CHECK (freeze_days >= 0),
    self_purchase    boolean     NOT NULL
);
COMMENT ON TABLE guides.policies IS 'reference: the dated rules of credit and commission';
INSERT INTO guides.policies
    (version, from_at, touch_days, protect_days, precedence, rate_per_10_000, freeze_days,
     self_purchase)
VALUES (1, '2000-01-01T00:00:00Z', 7, 30, 'share_first', 300, 15, false);

CREATE TABLE guides.credits (
    bucket         smallint    NOT NULL,
    order_id       uuid        NOT NULL,
    line_no        smallint    NOT NULL,
    guide_id       uuid        NOT NULL REFERENCES stores.staff (id),
    store_id       uuid        NOT NULL,
    member_id      uuid        NOT NULL,
    variant_id     uuid        NOT NULL,
    quantity       integer     NOT NULL,
    order_number   text        NOT NULL,
    credit_fen     bigint      NOT NULL CHECK (credit_fen >= 0),
    reversed_fen   bigint      NOT NULL DEFAULT 0 CHECK (reversed_fen BETWEEN 0 AND credit_fen),
    reason         text        NOT NULL CHECK (reason IN ('share', 'relation')),
    basis_at       timestamptz NOT NULL,
    share_code     text,
    policy_version integer     NOT NULL REFERENCES guides.policies (version),
    decided_at     timestamptz NOT NULL,
    PRIMARY KEY (bucket, order_id, line_no, guide_id)
) /* by bucket */;
COMMENT ON TABLE guides.credits IS 'member: whose work a line was, and why';
CREATE INDEX credits_guide ON guides.credits (bucket, guide_id, decided_at DESC);
ALTER TABLE guides.credits ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON guides.credits USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE guides.commissions (
    bucket        smallint    NOT NULL,
    order_id      uuid        NOT NULL,
    guide_id      uuid        NOT NULL REFERENCES stores.staff (id),
    store_id      uuid        NOT NULL,
    member_id     uuid        NOT NULL,
    amount_fen    bigint      NOT NULL CHECK (amount_fen >= 0),
    clawed_fen    bigint      NOT NULL DEFAULT 0 CHECK (clawed_fen BETWEEN 0 AND amount_fen),
    state         text        NOT NULL CHECK (state IN (
        'pending', 'frozen', 'payable', 'paid', 'clawed_back'
    )),
    due_at        timestamptz,
    accrued_at    timestamptz NOT NULL,
    PRIMARY KEY (bucket, order_id, guide_id)
) /* by bucket */;
COMMENT ON TABLE guides.commissions IS 'member: money that follows credit';
CREATE INDEX commissions_guide ON guides.commissions (bucket, guide_id, accrued_at DESC);
CREATE INDEX commissions_due ON guides.commissions (bucket, due_at) WHERE state = 'pending';
ALTER TABLE guides.commissions ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON guides.commissions USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR store_id IN (SELECT id FROM stores.visible)
);

-- A guide knows the members of her relations wherever they registered: the relation lies in a
-- store that she sees, and opens the member's own rows to her, for reading and nothing more.
CREATE POLICY wall_of_guides ON members.members FOR SELECT USING (
    (SELECT kind FROM base.wall) = 'staff'
    AND EXISTS (SELECT FROM guides.relations
                 WHERE relations.bucket = members.bucket AND relations.member_id = members.id
                   AND relations.ended_at IS NULL)
);
CREATE POLICY wall_of_guides ON members.consents FOR SELECT USING (
    (SELECT kind FROM base.wall) = 'staff'
    AND EXISTS (SELECT FROM guides.relations
                 WHERE relations.bucket = consents.bucket
                   AND relations.member_id = consents.member_id
                   AND relations.ended_at IS NULL)
);
CREATE POLICY wall_of_guides ON increment.arms FOR SELECT USING (
    (SELECT kind FROM base.wall) = 'staff'
    AND EXISTS (SELECT FROM guides.relations
                 WHERE relations.bucket = arms.bucket AND relations.member_id = arms.member_id
                   AND relations.ended_at IS NULL)
);

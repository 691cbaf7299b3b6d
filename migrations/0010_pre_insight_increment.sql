-- 0010_pre_insight_increment.sql
-- What we learned, and what we caused.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA insight;
CREATE SCHEMA increment;

CREATE TABLE insight.exports (
    id          uuid        PRIMARY KEY,
    dataset     text        NOT NULL,
    day         date        NOT NULL,
    file        text        NOT NULL,
    row_count   bigint      NOT NULL,
    amount_fen  bigint      NOT NULL,
    sha256      bytea       NOT NULL,
    exported_at timestamptz NOT NULL,
    UNIQUE (dataset, day)
);
COMMENT ON TABLE insight.exports IS 'reference: which days of which dataset lie in the lake';

CREATE TABLE insight.daily_sales (
    store_id     uuid    NOT NULL REFERENCES stores.stores (id),
    day          date    NOT NULL,
    orders       integer NOT NULL,
    units        integer NOT NULL,
    paid_fen     bigint  NOT NULL,
    refunded_fen bigint  NOT NULL,
    PRIMARY KEY (store_id, day)
);
COMMENT ON TABLE insight.daily_sales IS 'reference: sales by store and day, rebuilt from orders';

-- When a member last bought of a category: what segments ask, without reading every line again.
CREATE TABLE insight.preferences (
    bucket      smallint    NOT NULL,
    member_id   uuid        NOT NULL,
    category_id uuid        NOT NULL REFERENCES catalog.categories (id),
    bought_at   timestamptz NOT NULL,
    PRIMARY KEY (bucket, member_id, category_id)
) /* by bucket */;
COMMENT ON TABLE insight.preferences IS 'member: when somebody last bought of a category';
CREATE INDEX preferences_category ON insight.preferences (bucket, category_id, bought_at);
ALTER TABLE insight.preferences ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON insight.preferences USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

CREATE TABLE increment.experiments (
    id            uuid        PRIMARY KEY,
    code          text        NOT NULL UNIQUE,
    kind          text        NOT NULL CHECK (
        kind IN ('program', 'campaign', 'journey', 'guide', 'store', 'wave')
    ),
    -- What is drawn: members one by one, or guides or stores with all who are theirs.
    unit          text        NOT NULL DEFAULT 'member' CHECK (
        unit IN ('member', 'guide', 'store')
    ),
    -- The campaign, journey, guide or store that it is about.
    about_id      uuid,
    brand_id      uuid        NOT NULL REFERENCES stores.brands (id),
    -- A program's holdout rotates: each epoch draws anew, under a salt of its own.
    epoch         integer     NOT NULL DEFAULT 1 CHECK (epoch > 0),
    name_zh       text        NOT NULL,
    name_en       text        NOT NULL,
    salt          text        NOT NULL,
    holdout_share numeric     NOT NULL CHECK (holdout_share > 0 AND holdout_share < 1),
    window_days   integer     NOT NULL CHECK (window_days > 0),
    metric        text        NOT NULL,
    plan          jsonb       NOT NULL,
    launched_at   timestamptz NOT NULL,
    window_ends_at timestamptz NOT NULL,
    drawn_count   integer     NOT NULL DEFAULT 0,
    ended_at      timestamptz,
    -- Until then whom it held out is in nobody's measurement.
    washout_until timestamptz
);
COMMENT ON TABLE increment.experiments IS 'reference: a question put before the answer is known';

CREATE TABLE increment.arms (
    bucket        smallint    NOT NULL,
    experiment_id uuid        NOT NULL REFERENCES increment.experiments (id),
    member_id     uuid        NOT NULL,
    arm           text        NOT NULL CHECK (arm IN ('holdout', 'treated')),
    assigned_at   timestamptz NOT NULL,
    PRIMARY KEY (bucket, experiment_id, member_id)
) /* by bucket */;
COMMENT ON TABLE increment.arms IS 'member: who was drawn into which arm, before any exposure';
CREATE INDEX arms_member ON increment.arms (bucket, member_id);
ALTER TABLE increment.arms ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON increment.arms USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);
-- An entry asks of its own visitor whether a banner is for them.
CREATE POLICY own ON increment.arms FOR SELECT USING (
    (SELECT kind FROM base.wall) = 'member'
    AND member_id = (SELECT member_id FROM base.wall)
);

-- A guide's book as it was when the question was put: who changes guides later stays in it.
CREATE TABLE increment.books (
    bucket        smallint NOT NULL,
    experiment_id uuid     NOT NULL REFERENCES increment.experiments (id),
    member_id     uuid     NOT NULL,
    guide_id      uuid     NOT NULL,
    store_id      uuid     NOT NULL,
    region_id     uuid     NOT NULL,
    PRIMARY KEY (bucket, experiment_id, member_id)
) /* by bucket */;
COMMENT ON TABLE increment.books IS
    'member: whose customer a member was when guides were asked about';
ALTER TABLE increment.books ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON increment.books USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

-- Guides and stores are few, and are no member's rows.
CREATE TABLE increment.unit_arms (
    experiment_id uuid        NOT NULL REFERENCES increment.experiments (id),
    unit_id       uuid        NOT NULL,
    arm           text        NOT NULL CHECK (arm IN ('holdout', 'treated')),
    assigned_at   timestamptz NOT NULL,
    PRIMARY KEY (experiment_id, unit_id)
);
COMMENT ON TABLE increment.unit_arms IS 'reference: which guide or store was drawn into which arm';
CREATE INDEX unit_arms_unit ON increment.unit_arms (unit_id);

-- Two ids turned out to be one person: which arm was kept, which was given up.
CREATE TABLE increment.merges (
    bucket         smallint    NOT NULL,
    experiment_id  uuid        NOT NULL REFERENCES increment.experiments (id),
    member_id      uuid        NOT NULL,
    gone_member_id uuid        NOT NULL,
    kept_arm       text        NOT NULL CHECK (kept_arm IN ('holdout', 'treated')),
    own_arm        text                 CHECK (own_arm IN ('holdout', 'treated')),
    gone_arm       text        NOT NULL CHECK (gone_arm IN ('holdout', 'treated')),
    merged_at      timestamptz NOT NULL,
    PRIMARY KEY (bucket, experiment_id, member_id, gone_member_id)
) /* by bucket */;
COMMENT ON TABLE increment.merges IS 'member: append-only log of arms kept when two ids became one';
ALTER TABLE increment.merges ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON increment.merges USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

-- A held-out member with a row here is a leak, and is shown as one.
CREATE TABLE increment.exposures (
    bucket        smallint    NOT NULL,
    experiment_id uuid        NOT NULL REFERENCES increment.experiments (id),
    member_id     uuid        NOT NULL,
    channel       text        NOT NULL,
    exposed_at    timestamptz NOT NULL,
    PRIMARY KEY (bucket, experiment_id, member_id, channel)
) /* by bucket */;
COMMENT ON TABLE increment.exposures IS 'member: who was first reached, when and on which channel';
ALTER TABLE increment.exposures ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON increment.exposures USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

CREATE TABLE increment.readings (
    id             uuid             PRIMARY KEY,
    -- Its place in the chain: two writers cannot both follow the same row.
    place          integer          NOT NULL UNIQUE,
    experiment_id  uuid             NOT NULL REFERENCES increment.experiments (id),
    entry          text             NOT NULL CHECK (
        entry IN ('plan', 'reading', 'total', 'guides')
    ),
    state          text             NOT NULL CHECK (state IN (
        'planned', 'proven', 'not_enough', 'none_seen', 'harmful', 'not_readable', 'open'
    )),
    why            text             NOT NULL,
    look_no        integer          CHECK (look_no > 0),
    alpha_spent    double precision,
    -- Of the mean of one unit, in fen; the totals are this times the treated.
    standard_error double precision,
    p              double precision,
    estimate_fen   bigint,
    low_fen        bigint,
    high_fen       bigint,
    lift_share     double precision,
    lift_low_share double precision,
    lift_high_share double precision,
    treated_count  integer          NOT NULL,
    holdout_count  integer          NOT NULL,
    details        jsonb            NOT NULL,
    method         text             NOT NULL,
    code_version   text             NOT NULL,
    true_at        timestamptz      NOT NULL,
    read_at        timestamptz      NOT NULL,
    previous_hash  bytea            NOT NULL UNIQUE,
    hash           bytea            NOT NULL UNIQUE
);
COMMENT ON TABLE increment.readings IS 'reference: the ledger of increment, append-only, chained';
-- No policy allows UPDATE or DELETE, and the application has no right to either: what was read
-- stays as it was read.
ALTER TABLE increment.readings ENABLE ROW LEVEL SECURITY;
CREATE POLICY show ON increment.readings FOR SELECT USING (true);
CREATE POLICY append ON increment.readings FOR INSERT WITH CHECK (true);
CREATE INDEX readings_experiment ON increment.readings (experiment_id, place DESC);
-- A question is planned once.
CREATE UNIQUE INDEX readings_plan ON increment.readings (experiment_id) WHERE entry = 'plan';

-- Stores that start one wave after the other. Once launched it is a question under the same id.
CREATE TABLE increment.rollouts (
    id           uuid        PRIMARY KEY,
    code         text        NOT NULL UNIQUE,
    brand_id     uuid        NOT NULL REFERENCES stores.brands (id),
    name_zh      text        NOT NULL,
    name_en      text        NOT NULL,
    -- Stores that somebody picked prove less than stores that were drawn.
    choice       text        NOT NULL CHECK (choice IN ('drawn', 'picked')),
    state        text        NOT NULL CHECK (state IN ('planned', 'launched', 'stopped', 'read')),
    salt         text        NOT NULL,
    -- What goes into the ledger at the launch: the draw with all that it was drawn from, the looks,
    -- and what the brand's own weeks said of what such waves can show.
    plan         jsonb       NOT NULL,
    -- Of the draw; none where stores were picked.
    fingerprint  text,
    strata       text        NOT NULL CHECK (strata IN ('none', 'city', 'format', 'region')),
    starts_on    date        NOT NULL CHECK (extract(isodow FROM starts_on) = 1),
    wave_weeks   integer     NOT NULL CHECK (wave_weeks > 0),
    wave_sizes   integer[]   NOT NULL,
    history_hash text        NOT NULL,
    planned_at   timestamptz NOT NULL,
    planned_by   uuid        REFERENCES stores.staff (id),
    launched_at  timestamptz,
    launched_by  uuid        REFERENCES stores.staff (id),
    stopped_at   timestamptz,
    stopped_by   uuid        REFERENCES stores.staff (id),
    CHECK ((choice = 'drawn') = (fingerprint IS NOT NULL)),
    CHECK (state = 'planned' OR launched_at IS NOT NULL OR stopped_at IS NOT NULL)
);
COMMENT ON TABLE increment.rollouts IS 'reference: waves of stores, drawn before they start';
CREATE INDEX rollouts_brand ON increment.rollouts (brand_id, planned_at DESC);

CREATE TABLE increment.rollout_stores (
    rollout_id uuid    NOT NULL REFERENCES increment.rollouts (id),
    store_id   uuid    NOT NULL REFERENCES stores.stores (id),
    -- What the history calls it; the design names stores by their codes.
    unit       text    NOT NULL,
    role       text    NOT NULL CHECK (role IN (
        'drawn', 'forced', 'forbidden', 'contaminated', 'picked', 'compared'
    )),
    -- No wave and no day: it never starts.
    wave       integer CHECK (wave > 0),
    starts_on  date,
    PRIMARY KEY (rollout_id, store_id),
    UNIQUE (rollout_id, unit),
    CHECK ((wave IS NULL) = (starts_on IS NULL))
);
COMMENT ON TABLE increment.rollout_stores IS 'reference: which store starts in which wave, or not';
CREATE INDEX rollout_stores_store ON increment.rollout_stores (store_id);

-- What else was done in stores: such weeks are cut out of every comparison.
CREATE TABLE increment.interventions (
    id            uuid        PRIMARY KEY,
    rollout_id    uuid        NOT NULL REFERENCES increment.rollouts (id),
    since_on      date        NOT NULL,
    until_on      date        NOT NULL CHECK (until_on >= since_on),
    -- None means all of them.
    units         text[]      NOT NULL,
    note          text        NOT NULL,
    -- The brand's own campaign from which it was taken.
    experiment_id uuid        REFERENCES increment.experiments (id),
    added_at      timestamptz NOT NULL,
    added_by      uuid        REFERENCES stores.staff (id)
);
COMMENT ON TABLE increment.interventions IS 'reference: weeks in which something else was done';
CREATE INDEX interventions_rollout ON increment.interventions (rollout_id, since_on);

-- A brand's own quarter drawn into arms in which nothing was done: how often that claims something.
CREATE TABLE increment.trials (
    id             uuid             PRIMARY KEY,
    brand_id       uuid             NOT NULL REFERENCES stores.brands (id),
    tried_at       timestamptz      NOT NULL,
    from_at        timestamptz      NOT NULL,
    until_at       timestamptz      NOT NULL,
    members        integer          NOT NULL CHECK (members > 0),
    draws          integer          NOT NULL CHECK (draws > 0),
    holdout_share  double precision NOT NULL CHECK (holdout_share > 0 AND holdout_share < 1),
    adjusted_share double precision NOT NULL CHECK (adjusted_share BETWEEN 0 AND 1),
    raw_share      double precision NOT NULL CHECK (raw_share BETWEEN 0 AND 1),
    error          double precision NOT NULL CHECK (error > 0)
);
COMMENT ON TABLE increment.trials IS 'reference: what intervals claimed where nothing was done';
CREATE INDEX trials_brand ON increment.trials (brand_id, tried_at DESC);

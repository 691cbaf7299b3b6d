-- 0012_pre_reach_program.sql
-- Speaking to members, and the project that it all serves.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA reach;
CREATE SCHEMA program;

CREATE TABLE reach.segments (
    id           uuid        PRIMARY KEY,
    brand_id     uuid        NOT NULL REFERENCES stores.brands (id),
    name         text        NOT NULL,
    rule         jsonb       NOT NULL,
    member_count integer     NOT NULL DEFAULT 0,
    true_at      timestamptz,
    created_by   uuid        REFERENCES stores.staff (id),
    created_at   timestamptz NOT NULL
);
COMMENT ON TABLE reach.segments IS 'reference: members by a rule, with the time it is true at';

CREATE TABLE reach.segment_members (
    bucket     smallint NOT NULL,
    segment_id uuid     NOT NULL REFERENCES reach.segments (id),
    member_id  uuid     NOT NULL,
    PRIMARY KEY (bucket, segment_id, member_id)
) /* by bucket */;
COMMENT ON TABLE reach.segment_members IS 'member: who is in a segment';
ALTER TABLE reach.segment_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reach.segment_members USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

CREATE TABLE reach.campaigns (
    id            uuid        PRIMARY KEY,
    brand_id      uuid        NOT NULL REFERENCES stores.brands (id),
    external_id   text        UNIQUE,
    kind          text        NOT NULL CHECK (kind IN ('recall', 'past')),
    name          text        NOT NULL,
    segment_id    uuid        REFERENCES reach.segments (id),
    experiment_id uuid        REFERENCES increment.experiments (id),
    channel       text        NOT NULL,
    content       jsonb       NOT NULL,
    -- What is tried beside the first content, and how the treated are sent to: so many batches, so
    -- many days apart. The two shares bind the choice of contents, and no result changes them.
    other_contents jsonb      NOT NULL DEFAULT '[]',
    batch_count   integer     NOT NULL DEFAULT 1 CHECK (batch_count BETWEEN 1 AND 12),
    batch_days    integer     NOT NULL DEFAULT 3 CHECK (batch_days BETWEEN 1 AND 28),
    uniform_share double precision NOT NULL DEFAULT 0.15 CHECK (
        uniform_share > 0 AND uniform_share <= 1
    ),
    floor_share   double precision NOT NULL DEFAULT 0.05 CHECK (
        floor_share > 0 AND floor_share <= 0.1
    ),
    offer_id      uuid        REFERENCES pricing.offers (id),
    holdout_share numeric     NOT NULL DEFAULT 0.1 CHECK (holdout_share >= 0 AND holdout_share < 1),
    window_days   integer     NOT NULL DEFAULT 28,
    state         text        NOT NULL CHECK (state IN (
        'draft', 'launching', 'running', 'ended', 'stopped'
    )),
    -- The refusal that sent a launch back to being a draft.
    why_not       text,
    created_by    uuid        REFERENCES stores.staff (id),
    created_at    timestamptz NOT NULL,
    launched_at   timestamptz,
    ended_at      timestamptz
);
COMMENT ON TABLE reach.campaigns IS 'reference: a message to a segment';

-- The chances of each content, written down before the batch is sent; the key sends it once.
CREATE TABLE reach.batches (
    campaign_id  uuid        NOT NULL REFERENCES reach.campaigns (id),
    batch_no     integer     NOT NULL CHECK (batch_no > 0),
    shares       jsonb       NOT NULL,
    member_count integer     NOT NULL CHECK (member_count >= 0),
    sent_at      timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, batch_no)
);
COMMENT ON TABLE reach.batches IS 'reference: one sending of a campaign of several contents';

CREATE TABLE reach.choices (
    bucket      smallint         NOT NULL,
    campaign_id uuid             NOT NULL REFERENCES reach.campaigns (id),
    member_id   uuid             NOT NULL,
    batch_no    integer          NOT NULL,
    content_no  integer          NOT NULL CHECK (content_no > 0),
    propensity  double precision NOT NULL CHECK (propensity > 0 AND propensity <= 1),
    chosen_at   timestamptz      NOT NULL,
    PRIMARY KEY (bucket, campaign_id, member_id)
) /* by bucket */;
COMMENT ON TABLE reach.choices IS 'member: which content was drawn for whom, and by which chance';
ALTER TABLE reach.choices ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reach.choices USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);

CREATE TABLE program.programs (
    id         uuid        PRIMARY KEY,
    code       text        NOT NULL UNIQUE,
    brand_id   uuid        NOT NULL REFERENCES stores.brands (id),
    name_zh    text        NOT NULL,
    name_en    text        NOT NULL,
    starts_on  date        NOT NULL,
    holdout_share numeric(4, 3) NOT NULL CHECK (holdout_share > 0 AND holdout_share < 1),
    window_days integer    NOT NULL CHECK (window_days > 0),
    -- Empty until the worker has drawn who is left alone.
    experiment_id uuid REFERENCES increment.experiments (id)
);
COMMENT ON TABLE program.programs IS 'reference: the CEO''s project';

CREATE TABLE program.scopes (
    id         uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES program.programs (id),
    region_id  uuid REFERENCES stores.regions (id),
    stage      text NOT NULL CHECK (stage IN (
        'planned', 'learning', 'running', 'handed_over', 'stopped'
    )),
    starts_on  date NOT NULL
);
COMMENT ON TABLE program.scopes IS 'reference: where the program runs, and how far it is';

CREATE TABLE program.targets (
    program_id uuid    NOT NULL REFERENCES program.programs (id),
    quarter_no integer NOT NULL CHECK (quarter_no > 0),
    low_share  double precision NOT NULL,
    high_share double precision NOT NULL,
    CHECK (low_share <= high_share),
    PRIMARY KEY (program_id, quarter_no)
);
COMMENT ON TABLE program.targets IS 'reference: what increment a quarter owes';

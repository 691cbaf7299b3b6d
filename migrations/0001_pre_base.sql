-- 0001_pre_base.sql
-- The ground: what must be heard, what must be done later, and whose walls a transaction has.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA IF NOT EXISTS base;

-- Row-level security asks this view whose transaction it is; db.Walls writes the settings.
CREATE VIEW base.wall AS
SELECT coalesce(current_setting('headwater.wall', true), '') AS kind,
       nullif(current_setting('headwater.member', true), '')::uuid AS member_id,
       coalesce(nullif(current_setting('headwater.brands', true), '')::uuid[], '{}') AS brand_ids,
       coalesce(nullif(current_setting('headwater.regions', true), '')::uuid[], '{}') AS region_ids,
       coalesce(nullif(current_setting('headwater.stores', true), '')::uuid[], '{}') AS store_ids;

CREATE TABLE base.outbox (
    bucket       smallint    NOT NULL,
    id           uuid        NOT NULL,
    kind         text        NOT NULL,
    body         jsonb       NOT NULL,
    announced_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE base.outbox IS 'member: facts announced and not yet worked off';
ALTER TABLE base.outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY write_any ON base.outbox FOR INSERT WITH CHECK (true);
CREATE POLICY wall ON base.outbox USING ((SELECT kind FROM base.wall) = 'system');

CREATE TABLE base.missed_reactions (
    bucket     smallint    NOT NULL,
    fact_id    uuid        NOT NULL,
    reaction   text        NOT NULL,
    kind       text        NOT NULL,
    body       jsonb       NOT NULL,
    attempts   integer     NOT NULL,
    due_at     timestamptz NOT NULL,
    last_error text,
    dead_at    timestamptz,
    PRIMARY KEY (bucket, fact_id, reaction)
) /* by bucket */;
COMMENT ON TABLE base.missed_reactions IS 'member: reactions that failed, to be tried again';
ALTER TABLE base.missed_reactions ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON base.missed_reactions USING ((SELECT kind FROM base.wall) = 'system');

CREATE TABLE base.jobs (
    id           uuid        PRIMARY KEY,
    kind         text        NOT NULL,
    body         jsonb       NOT NULL,
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    attempts     integer     NOT NULL DEFAULT 0,
    last_error   text,
    dead_at      timestamptz,
    enqueued_at  timestamptz NOT NULL
);
COMMENT ON TABLE base.jobs IS 'ground: work for later, done at least once';
CREATE INDEX jobs_due ON base.jobs (due_at) WHERE dead_at IS NULL;

CREATE TABLE base.clocks (
    name         text        PRIMARY KEY,
    next_at      timestamptz NOT NULL,
    leased_until timestamptz
);
COMMENT ON TABLE base.clocks IS 'ground: when each periodic call comes next, and who runs it';

CREATE TABLE base.limits (
    key          text        NOT NULL,
    window_start timestamptz NOT NULL,
    count        integer     NOT NULL CHECK (count > 0),
    PRIMARY KEY (key, window_start)
);
COMMENT ON TABLE base.limits IS 'ground: how often something was tried in a window';

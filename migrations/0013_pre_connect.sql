-- 0013_pre_connect.sql
-- The outside: tokens that all processes share, and which pushes and notices came before.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA connect;

-- One row a credential. The version rises with every token, so that a lease is taken only by
-- whoever has seen the newest; the lease ends by itself when its holder dies.
CREATE TABLE connect.tokens (
    name             text        PRIMARY KEY,
    version          integer     NOT NULL DEFAULT 0,
    sealed           bytea,
    issued_at        timestamptz,
    fresh_until      timestamptz,
    ends_at          timestamptz,
    refreshing_until timestamptz,
    refreshing_by    uuid,
    forced_on        date,
    forced_count     integer     NOT NULL DEFAULT 0,
    forced_at        timestamptz,
    CHECK ((sealed IS NULL) = (ends_at IS NULL)),
    CHECK ((sealed IS NULL) = (fresh_until IS NULL)),
    CHECK ((refreshing_until IS NULL) = (refreshing_by IS NULL))
);
COMMENT ON TABLE connect.tokens IS 'reference: each credential''s token, sealed, and who renews it';
ALTER TABLE connect.tokens ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.tokens USING ((SELECT kind FROM base.wall) = 'system');

-- Names only, hashed: what was said lies in the job, and goes with it.
CREATE TABLE connect.heard (
    bucket   smallint    NOT NULL,
    channel  text        NOT NULL,
    digest   bytea       NOT NULL,
    heard_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, channel, digest)
) /* by bucket */;
COMMENT ON TABLE connect.heard IS 'lookup: which pushes and notices came before, under their hash';
CREATE INDEX heard_by_age ON connect.heard (heard_at);
ALTER TABLE connect.heard ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.heard USING ((SELECT kind FROM base.wall) = 'system');

-- How many subscription messages a person still lets through, by template: one tap of "allow" is
-- one message. People are known by the keyed hash of their open id.
CREATE TABLE connect.authorisations (
    bucket      smallint    NOT NULL,
    person      bytea       NOT NULL,
    template_id text        NOT NULL,
    authorised  integer     NOT NULL CHECK (authorised >= 0),
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (bucket, person, template_id)
) /* by bucket */;
COMMENT ON TABLE connect.authorisations IS 'lookup: subscription messages that may still be sent';
ALTER TABLE connect.authorisations ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.authorisations USING ((SELECT kind FROM base.wall) = 'system');

-- When a person last did what lets the account speak freely, and what was said since.
CREATE TABLE connect.windows (
    bucket      smallint      NOT NULL,
    person      bytea         NOT NULL,
    words_at    timestamptz,
    menu_at     timestamptz,
    followed_at timestamptz,
    scanned_at  timestamptz,
    sent_at     timestamptz[] NOT NULL DEFAULT '{}',
    changed_at  timestamptz   NOT NULL,
    PRIMARY KEY (bucket, person)
) /* by bucket */;
COMMENT ON TABLE connect.windows IS 'lookup: windows for free messages, and what was said in them';
CREATE INDEX windows_by_age ON connect.windows (changed_at);
ALTER TABLE connect.windows ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.windows USING ((SELECT kind FROM base.wall) = 'system');

-- Which audience at the ads platform belongs to what of ours; who makes one holds it meanwhile.
CREATE TABLE connect.audiences (
    key         text        PRIMARY KEY,
    audience_id bigint,
    made_at     timestamptz,
    leased_until timestamptz NOT NULL,
    CHECK ((audience_id IS NULL) = (made_at IS NULL))
);
COMMENT ON TABLE connect.audiences IS 'reference: audiences at the ads platform, and of what';
ALTER TABLE connect.audiences ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.audiences USING ((SELECT kind FROM base.wall) = 'system');

-- Since when, and until when, purchases are told to the ads platform, and who decided it.
CREATE TABLE connect.told_purchases (
    set_id     bigint      NOT NULL,
    since_at   timestamptz NOT NULL,
    begun_by   uuid        NOT NULL,
    until_at   timestamptz,
    ended_by   uuid,
    PRIMARY KEY (set_id, since_at),
    CHECK ((until_at IS NULL) = (ended_by IS NULL))
);
COMMENT ON TABLE connect.told_purchases IS 'reference: when purchases are told to the ads platform';
CREATE UNIQUE INDEX told_purchases_now ON connect.told_purchases ((true)) WHERE until_at IS NULL;

-- Who is alive and shares the platforms' limits; whoever was not seen for a while does not count.
CREATE TABLE connect.processes (
    id      uuid        PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
COMMENT ON TABLE connect.processes IS 'reference: processes that call the outside, when last seen';
ALTER TABLE connect.processes ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON connect.processes USING ((SELECT kind FROM base.wall) = 'system');

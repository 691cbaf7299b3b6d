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

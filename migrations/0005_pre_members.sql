-- 0005_pre_members.sql
-- One person, however many ids; sealed where it identifies, found by blind index.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA members;

CREATE TABLE members.members (
    bucket           smallint    NOT NULL,
    id               uuid        NOT NULL,
    member_no        text        NOT NULL,
    external_id      text,
    name_sealed      bytea,
    phone_sealed     bytea,
    name_mask        text        NOT NULL DEFAULT '',
    phone_mask       text        NOT NULL DEFAULT '',
    level            text        NOT NULL DEFAULT 'basic',
    home_store_id    uuid        REFERENCES stores.stores (id),
    source           text        NOT NULL,
    language         text        NOT NULL DEFAULT 'zh',
    is_demo_label    boolean     NOT NULL DEFAULT false,
    joined_at        timestamptz NOT NULL,
    sessions_from_at timestamptz NOT NULL,
    erased_at        timestamptz,
    -- Whom this id turned out to be; it is nobody's own any more.
    merged_into      uuid,
    CHECK (merged_into IS NULL OR erased_at IS NOT NULL),
    PRIMARY KEY (bucket, id)
) /* by bucket */;
COMMENT ON TABLE members.members IS 'member: one person';
CREATE INDEX members_store ON members.members (bucket, home_store_id);
CREATE INDEX members_external ON members.members (bucket, external_id);
CREATE INDEX members_number ON members.members (bucket, member_no);
ALTER TABLE members.members ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.members USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR id = (SELECT member_id FROM base.wall)
    OR home_store_id IN (SELECT id FROM stores.visible)
);

CREATE TABLE members.identities (
    bucket       smallint    NOT NULL,
    id           uuid        NOT NULL,
    member_id    uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN (
        'phone', 'open_id', 'union_id', 'wecom_external_id', 'card', 'external'
    )),
    app_id       text        NOT NULL DEFAULT '',
    value_sealed bytea       NOT NULL,
    value_index  bytea       NOT NULL,
    evidence     text        NOT NULL,
    linked_at    timestamptz NOT NULL,
    unlinked_at  timestamptz,
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, member_id) REFERENCES members.members (bucket, id)
) /* by bucket */;
COMMENT ON TABLE members.identities IS 'member: one id of a person, with its evidence';
CREATE INDEX identities_member ON members.identities (bucket, member_id);
ALTER TABLE members.identities ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.identities USING (
    (SELECT kind FROM base.wall) = 'system'
    OR member_id = (SELECT member_id FROM base.wall)
);

-- Who has this phone or open id: a small index under the bucket of the value itself, since the
-- member's bucket is what the caller does not know yet.
CREATE TABLE members.finders (
    bucket      smallint NOT NULL,
    kind        text     NOT NULL,
    app_id      text     NOT NULL DEFAULT '',
    value_index bytea    NOT NULL,
    member_id   uuid     NOT NULL,
    PRIMARY KEY (bucket, kind, app_id, value_index)
) /* by bucket */;
COMMENT ON TABLE members.finders IS 'lookup: from an id''s blind index to its member';
ALTER TABLE members.finders ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.finders USING ((SELECT kind FROM base.wall) = 'system');

CREATE TABLE members.phone_codes (
    bucket      smallint    NOT NULL,
    phone_index bytea       NOT NULL,
    code_hash   bytea       NOT NULL,
    tries_left  smallint    NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (bucket, phone_index)
) /* by bucket */;
COMMENT ON TABLE members.phone_codes IS 'lookup: the login code last sent to a phone';
ALTER TABLE members.phone_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.phone_codes USING ((SELECT kind FROM base.wall) = 'system');

CREATE TABLE members.consents (
    bucket       smallint    NOT NULL,
    id           uuid        NOT NULL,
    member_id    uuid        NOT NULL,
    purpose      text        NOT NULL CHECK (purpose IN ('service', 'marketing', 'measurement')),
    channel      text        NOT NULL,
    is_granted   boolean     NOT NULL,
    text_version text        NOT NULL,
    evidence     text        NOT NULL,
    said_at      timestamptz NOT NULL,
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, member_id) REFERENCES members.members (bucket, id)
) /* by bucket */;
COMMENT ON TABLE members.consents IS 'member: what a person allowed; the latest row counts';
CREATE INDEX consents_member ON members.consents
    (bucket, member_id, purpose, channel, said_at DESC);
ALTER TABLE members.consents ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.consents USING (
    (SELECT kind FROM base.wall) = 'system'
    OR member_id = (SELECT member_id FROM base.wall)
);

-- Two ids turned out to be one person. Orders keep their ids, and so the buckets in them; whoever
-- looks for a person's rows asks here in which other buckets they lie.
CREATE TABLE members.merges (
    bucket         smallint    NOT NULL,
    member_id      uuid        NOT NULL,
    gone_bucket    smallint    NOT NULL,
    gone_member_id uuid        NOT NULL,
    evidence       text        NOT NULL,
    merged_at      timestamptz NOT NULL,
    PRIMARY KEY (bucket, member_id, gone_member_id)
) /* by bucket */;
COMMENT ON TABLE members.merges IS 'member: which ids became this person, and how we know';
ALTER TABLE members.merges ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON members.merges USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
    OR member_id = (SELECT member_id FROM base.wall)
);
-- Whoever may see a member finds what that member bought under another id, too.
CREATE POLICY wall_of_staff ON members.merges FOR SELECT USING (
    (SELECT kind FROM base.wall) = 'staff'
    AND EXISTS (SELECT FROM members.members
                 WHERE members.bucket = merges.bucket AND members.id = merges.member_id)
);

-- 0002_pre_books.sql
-- Double entry: one row debits one account and credits another, so it cannot be unbalanced.
SET LOCAL lock_timeout = '4s';

CREATE SCHEMA books;

CREATE TABLE books.transfers (
    bucket         smallint    NOT NULL,
    id             uuid        NOT NULL,
    debit_account  text        NOT NULL,
    credit_account text        NOT NULL,
    amount_fen     bigint      NOT NULL CHECK (amount_fen > 0),
    business_key   text        NOT NULL,
    member_id      uuid,
    booked_at      timestamptz NOT NULL,
    CHECK (debit_account <> credit_account),
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, business_key)
) /* by bucket */;
COMMENT ON TABLE books.transfers IS 'member: every movement of money, once';
ALTER TABLE books.transfers ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON books.transfers USING (
    (SELECT kind FROM base.wall) IN ('system', 'company')
);
CREATE INDEX transfers_debit ON books.transfers (bucket, debit_account);
CREATE INDEX transfers_credit ON books.transfers (bucket, credit_account);

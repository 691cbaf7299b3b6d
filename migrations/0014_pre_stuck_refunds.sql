-- 0014_pre_stuck_refunds.sql
-- Before the release that asks again, now and then, about refunds that wait for a person.
SET LOCAL lock_timeout = '4s';

CREATE INDEX refunds_stuck ON trade.refunds (bucket, ask_at) WHERE state = 'stuck';

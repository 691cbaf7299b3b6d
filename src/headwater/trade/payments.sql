-- name: payable
SELECT orders.id, orders.state, orders.payable_fen, orders.due_at, orders.number
  FROM trade.orders
 WHERE orders.bucket = :bucket AND orders.id = :order_id AND orders.member_id = :member_id
   FOR UPDATE;

-- name: open_attempt
SELECT id, out_trade_no, channel, amount_fen, prepay_id, code_url, expires_at
  FROM trade.attempts
 WHERE bucket = :bucket AND order_id = :order_id AND state = 'open' AND channel = :channel
   AND expires_at > :now;

-- name: add_attempt
INSERT INTO trade.attempts
       (bucket, id, order_id, member_id, out_trade_no, channel, amount_fen, state,
        created_at, expires_at, ask_at)
VALUES (:bucket, :id, :order_id, :member_id, :out_trade_no, :channel, :amount_fen, 'open',
        :now, :expires_at, :ask_at);

-- name: remember_prepared
UPDATE trade.attempts
   SET prepay_id = :prepay_id, code_url = :code_url
 WHERE bucket = :bucket AND id = :id;

-- name: find_for_update
-- The row lock makes copies of a notice wait for each other; the second one finds it paid.
SELECT attempts.id, attempts.order_id, attempts.member_id, attempts.amount_fen,
       attempts.state, attempts.transaction_id, orders.store_id, orders.state AS order_state,
       orders.touch_code, orders.placed_at
  FROM trade.attempts
  JOIN trade.orders ON orders.bucket = attempts.bucket AND orders.id = attempts.order_id
 WHERE attempts.bucket = :bucket AND attempts.out_trade_no = :out_trade_no
   FOR UPDATE;

-- name: write_event
INSERT INTO trade.payment_events
       (bucket, id, event_key, out_trade_no, kind, amount_fen, provider_no, outcome, body,
        received_at)
VALUES (:bucket, :id, :event_key, :out_trade_no, :kind, :amount_fen, :provider_no, :outcome,
        :body, :now)
    ON CONFLICT (bucket, event_key) DO NOTHING;

-- name: mark_paid
-- Attempt, order, payable and log change together, and only from the state that was read under
-- the lock.
WITH attempt AS (
    UPDATE trade.attempts
       SET state = 'paid', transaction_id = :provider_no, ended_at = :now, ask_at = NULL
     WHERE bucket = :bucket AND id = :attempt_id AND state IN ('open', 'closed')
 RETURNING order_id
), paid AS (
    UPDATE trade.orders
       SET state = 'paid', paid_at = :paid_at, due_at = NULL, close_at = NULL, ended_at = NULL
      FROM attempt
     WHERE orders.bucket = :bucket AND orders.id = attempt.order_id
       AND orders.state = :from_state
 RETURNING orders.id, orders.payable_fen
), owed AS (
    UPDATE trade.payables
       SET paid_fen = amount_fen
      FROM paid
     WHERE payables.bucket = :bucket AND payables.order_id = paid.id
)
INSERT INTO trade.order_log (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
SELECT :bucket, id, :log_id, :from_state, 'paid', :why, 'wechat_pay', :now
  FROM paid
RETURNING order_id;

-- name: mark_free
WITH paid AS (
    UPDATE trade.orders
       SET state = 'paid', paid_at = :now, due_at = NULL, close_at = NULL
     WHERE bucket = :bucket AND id = :order_id AND state = 'placed' AND payable_fen = 0
 RETURNING id, member_id, store_id, touch_code
), logged AS (
    INSERT INTO trade.order_log
           (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
    SELECT :bucket, id, :log_id, 'placed', 'paid', 'there was nothing to pay', 'checkout', :now
      FROM paid
)
SELECT id, member_id, store_id, touch_code FROM paid;

-- name: had_coupon
SELECT EXISTS (SELECT FROM trade.order_lines
                WHERE bucket = :bucket AND order_id = :order_id
                  AND parts @> '[{"kind": "coupon"}]');

-- name: mark_returned
UPDATE trade.attempts
   SET state = 'returned', transaction_id = :provider_no, ended_at = :now, ask_at = NULL
 WHERE bucket = :bucket AND id = :attempt_id;

-- name: close_attempt
UPDATE trade.attempts
   SET state = 'closed', ended_at = :now, ask_at = NULL
 WHERE bucket = :bucket AND out_trade_no = :out_trade_no AND state = 'open';

-- name: due_to_ask
-- across buckets: a worker serves every member. SKIP LOCKED and the pushed time are the claim.
UPDATE trade.attempts
   SET ask_at = :again_at
  FROM (SELECT bucket, id
          FROM trade.attempts
         WHERE state = 'open' AND ask_at <= :now
         ORDER BY ask_at
         LIMIT :most
           FOR UPDATE SKIP LOCKED) AS due
 WHERE attempts.bucket = due.bucket AND attempts.id = due.id
RETURNING attempts.out_trade_no, attempts.order_id, attempts.created_at, attempts.expires_at;

-- name: ask_again
UPDATE trade.attempts SET ask_at = :ask_at
 WHERE bucket = :bucket AND out_trade_no = :out_trade_no AND state = 'open';

-- name: of_order
SELECT id, out_trade_no, channel, amount_fen, state, transaction_id, created_at
  FROM trade.attempts
 WHERE bucket = :bucket AND order_id = :order_id
 ORDER BY created_at;

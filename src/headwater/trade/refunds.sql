-- name: lines_for_update
SELECT orders.id, orders.state, orders.store_id, orders.member_id, orders.payable_fen,
       orders.refunded_fen AS order_refunded_fen, line.line_no, line.quantity,
       line.payable_fen AS line_payable_fen, line.refunded_fen, line.refunded_quantity
  FROM trade.orders
  JOIN trade.order_lines AS line ON line.bucket = orders.bucket AND line.order_id = orders.id
 WHERE orders.bucket = :bucket AND orders.id = :order_id
 ORDER BY line.line_no
   FOR UPDATE;

-- name: paid_attempt
SELECT id FROM trade.attempts
 WHERE bucket = :bucket AND order_id = :order_id AND state = 'paid';

-- name: find
SELECT id, order_id, attempt_id, member_id, store_id, out_refund_no, amount_fen, reason, state,
       takes_back, owed_at, settled_at
  FROM trade.refunds
 WHERE bucket = :bucket AND id = :id;

-- name: of_order
SELECT id, order_id, attempt_id, member_id, store_id, out_refund_no, amount_fen, reason, state,
       takes_back, owed_at, settled_at
  FROM trade.refunds
 WHERE bucket = :bucket AND order_id = :order_id
 ORDER BY owed_at;

-- name: reserve
-- The amounts are reserved on the lines when the refund is asked for, so that two at once cannot
-- give back more than was paid; the constraints are the check.
WITH asked AS (
    SELECT line_no, quantity, amount_fen
      FROM unnest(:line_nos::smallint[], :quantities::int[], :amounts_fen::bigint[])
           AS asked (line_no, quantity, amount_fen)
), written AS (
    INSERT INTO trade.refund_lines (bucket, refund_id, line_no, quantity, amount_fen)
    SELECT :bucket, :refund_id, line_no, quantity, amount_fen FROM asked
), reserved AS (
    UPDATE trade.order_lines
       SET refunded_fen = order_lines.refunded_fen + asked.amount_fen,
           refunded_quantity = order_lines.refunded_quantity + asked.quantity
      FROM asked
     WHERE order_lines.bucket = :bucket AND order_lines.order_id = :order_id
       AND order_lines.line_no = asked.line_no
)
UPDATE trade.orders
   SET refunded_fen = refunded_fen + (SELECT coalesce(sum(amount_fen), 0) FROM asked)
 WHERE bucket = :bucket AND id = :order_id;

-- name: add
INSERT INTO trade.refunds
       (bucket, id, order_id, attempt_id, member_id, store_id, out_refund_no, amount_fen, reason,
        state, takes_back, ask_at, owed_at)
VALUES (:bucket, :id, :order_id, :attempt_id, :member_id, :store_id, :out_refund_no, :amount_fen,
        :reason, 'owed', :takes_back, :now, :now)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: claim_to_ask
-- across buckets: a worker serves every member. SKIP LOCKED and the pushed time are the claim.
UPDATE trade.refunds
   SET ask_at = :again_at
  FROM (SELECT bucket, id
          FROM trade.refunds
         WHERE state IN ('owed', 'asked') AND ask_at <= :now
         ORDER BY ask_at
         LIMIT :most
           FOR UPDATE SKIP LOCKED) AS due
  JOIN trade.attempts ON attempts.bucket = due.bucket
 WHERE refunds.bucket = due.bucket AND refunds.id = due.id AND attempts.id = refunds.attempt_id
RETURNING refunds.id, refunds.out_refund_no, refunds.amount_fen, refunds.reason, refunds.state,
          attempts.out_trade_no, attempts.amount_fen AS total_fen;

-- name: claim_stuck
-- across buckets: as above. A person may have seen to it with the provider, and its word be lost.
UPDATE trade.refunds
   SET ask_at = :again_at
  FROM (SELECT bucket, id
          FROM trade.refunds
         WHERE state = 'stuck' AND coalesce(ask_at, owed_at) <= :now
         ORDER BY ask_at
         LIMIT :most
           FOR UPDATE SKIP LOCKED) AS due
  JOIN trade.attempts ON attempts.bucket = due.bucket
 WHERE refunds.bucket = due.bucket AND refunds.id = due.id AND attempts.id = refunds.attempt_id
RETURNING refunds.id, refunds.out_refund_no, refunds.amount_fen, refunds.reason, refunds.state,
          attempts.out_trade_no, attempts.amount_fen AS total_fen;

-- name: mark_asked
UPDATE trade.refunds
   SET state = 'asked', ask_at = CASE WHEN state = 'stuck' THEN :now ELSE ask_at END
 WHERE bucket = :bucket AND id = :id AND state IN ('owed', 'stuck');

-- name: mark_stuck
UPDATE trade.refunds SET state = 'stuck', ask_at = :again_at
 WHERE bucket = :bucket AND id = :id AND state IN ('owed', 'asked')
RETURNING order_id, amount_fen;

-- name: mark_done
UPDATE trade.refunds
   SET state = 'done', settled_at = :now, ask_at = NULL
 WHERE bucket = :bucket AND id = :id AND state IN ('owed', 'asked', 'stuck')
   AND amount_fen = coalesce(:amount_fen, amount_fen)
RETURNING id, order_id, attempt_id, member_id, store_id, out_refund_no, amount_fen, reason, state,
          takes_back, owed_at, settled_at;

-- name: settle_order
-- The payable gets its money back; when all of it went back the order is refunded.
WITH returned AS (
    UPDATE trade.payables
       SET refunded_fen = refunded_fen + :amount_fen
     WHERE bucket = :bucket AND order_id = :order_id
 RETURNING order_id, refunded_fen = paid_fen AS is_whole
), ended AS (
    UPDATE trade.orders
       SET state = 'refunded', ended_at = :now
      FROM returned,
           (SELECT state FROM trade.orders
             WHERE bucket = :bucket AND id = :order_id FOR UPDATE) AS before
     WHERE orders.bucket = :bucket AND orders.id = returned.order_id AND returned.is_whole
       AND orders.state IN ('paid', 'handed_over')
 RETURNING orders.id, before.state AS from_state
)
INSERT INTO trade.order_log (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
SELECT :bucket, id, :log_id, from_state, 'refunded', 'all the money went back', 'wechat_pay', :now
  FROM ended;

-- name: goods_back
SELECT line.variant_id, refund_lines.quantity
  FROM trade.refund_lines
  JOIN trade.order_lines AS line
    ON line.bucket = refund_lines.bucket AND line.order_id = :order_id
   AND line.line_no = refund_lines.line_no
 WHERE refund_lines.bucket = :bucket AND refund_lines.refund_id = :refund_id
   AND refund_lines.quantity > 0;

-- name: is_matched
-- Money of a paid try belongs to its order; money of a returned one never did.
SELECT state = 'paid' FROM trade.attempts WHERE bucket = :bucket AND id = :attempt_id;

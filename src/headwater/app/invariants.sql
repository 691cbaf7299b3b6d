-- What must hold, asked of the tables of every room. Each statement names what is broken; a house
-- in order answers nothing. Sales that were imported have no payable, and are their till's word.

-- name: stock_without_proof
-- Counters equal the movements that made them and the holds that stand.
SELECT format('stock: store %s variant %s has %s on hand, %s held; movements say %s, holds say %s',
              store_id, variant_id, levels.on_hand, levels.held, moved.quantity, kept.quantity)
           AS what
  FROM stock.levels
  FULL JOIN (SELECT store_id, variant_id, sum(quantity) AS quantity
               FROM stock.movements GROUP BY store_id, variant_id) AS moved
 USING (store_id, variant_id)
  FULL JOIN (SELECT store_id, variant_id, sum(quantity) AS quantity
               FROM stock.holds WHERE state = 'held' GROUP BY store_id, variant_id) AS kept
 USING (store_id, variant_id)
 WHERE coalesce(levels.on_hand, 0) <> coalesce(moved.quantity, 0)
    OR coalesce(levels.held, 0) <> coalesce(kept.quantity, 0)
 LIMIT 20;

-- name: goods_against_state
-- across buckets: what was paid has left the shelf, line by line; what is closed holds nothing.
SELECT format('goods: order %s is %s and its line %s has a hold that is %s',
              orders.number, orders.state, line.line_no, coalesce(holds.state, 'absent')) AS what
  FROM trade.orders
  JOIN trade.payables
    ON payables.bucket = orders.bucket AND payables.order_id = orders.id
  JOIN trade.order_lines AS line
    ON line.bucket = orders.bucket AND line.order_id = orders.id
  LEFT JOIN stock.holds
    ON holds.store_id = line.store_id AND holds.variant_id = line.variant_id
   AND holds.order_id = orders.id AND holds.quantity = line.quantity
 WHERE CASE orders.state
           WHEN 'placed' THEN holds.state IS NULL OR holds.state = 'sold'
           WHEN 'closed' THEN holds.state IS DISTINCT FROM 'released'
           ELSE holds.state IS DISTINCT FROM 'sold'
       END
 LIMIT 20;

-- name: payment_against_state
-- across buckets: an order is paid by one try of its whole amount, or costs nothing.
SELECT format('payment: order %s of %s fen is %s, its payable says %s paid, and %s of its tries are'
              ' paid, over %s fen',
              orders.number, orders.payable_fen, orders.state, payables.paid_fen, tries.count,
              tries.amount_fen) AS what
  FROM trade.orders
  JOIN trade.payables
    ON payables.bucket = orders.bucket AND payables.order_id = orders.id
 CROSS JOIN LATERAL (SELECT count(*) AS count, coalesce(sum(amount_fen), 0) AS amount_fen
                       FROM trade.attempts
                      WHERE attempts.bucket = orders.bucket AND attempts.order_id = orders.id
                        AND attempts.state = 'paid') AS tries
 WHERE payables.amount_fen <> orders.payable_fen
    OR (orders.state IN ('placed', 'closed') AND (tries.count > 0 OR payables.paid_fen > 0))
    OR (orders.state IN ('paid', 'handed_over', 'refunded')
        AND (payables.paid_fen <> orders.payable_fen
             OR tries.amount_fen <> orders.payable_fen
             OR tries.count <> CASE WHEN orders.payable_fen = 0 THEN 0 ELSE 1 END))
    OR ((orders.state = 'refunded') <> (payables.paid_fen > 0
                                        AND payables.refunded_fen = payables.paid_fen))
 LIMIT 20;

-- name: returned_money_not_owed
-- across buckets: money that no order could take is owed back whole, once.
SELECT format('refund: %s came for nothing and %s fen of its %s are owed back',
              attempts.out_trade_no, coalesce(owed.amount_fen, 0), attempts.amount_fen) AS what
  FROM trade.attempts
  LEFT JOIN (SELECT bucket, attempt_id, sum(amount_fen) AS amount_fen
               FROM trade.refunds GROUP BY bucket, attempt_id) AS owed
    ON owed.bucket = attempts.bucket AND owed.attempt_id = attempts.id
 WHERE attempts.state = 'returned'
   AND coalesce(owed.amount_fen, 0) <> attempts.amount_fen
 LIMIT 20;

-- name: lines_against_order
-- across buckets: an order's lines add up to it, in what is owed and in what goes back.
SELECT format('lines: order %s owes %s and gives back %s fen; its lines say %s and %s',
              orders.number, orders.payable_fen, orders.refunded_fen, line.payable_fen,
              line.refunded_fen) AS what
  FROM trade.orders
  JOIN (SELECT bucket, order_id, sum(goods_fen) AS goods_fen, sum(payable_fen) AS payable_fen,
               sum(refunded_fen) AS refunded_fen
          FROM trade.order_lines GROUP BY bucket, order_id) AS line
    ON line.bucket = orders.bucket AND line.order_id = orders.id
 WHERE line.payable_fen <> orders.payable_fen OR line.goods_fen <> orders.goods_fen
    OR line.refunded_fen <> orders.refunded_fen
 LIMIT 20;

-- name: refunds_against_order
-- across buckets: what goes back of an order is reserved on it, and what went is on its payable.
SELECT format('refund: order %s reserved %s and gave back %s fen; its refunds say %s and %s',
              orders.number, orders.refunded_fen, payables.refunded_fen, asked.amount_fen,
              asked.done_fen) AS what
  FROM trade.orders
  JOIN trade.payables
    ON payables.bucket = orders.bucket AND payables.order_id = orders.id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(refunds.amount_fen), 0) AS amount_fen,
              coalesce(sum(refunds.amount_fen) FILTER (WHERE refunds.state = 'done'), 0)
                  AS done_fen
         FROM trade.refunds
         JOIN trade.attempts
           ON attempts.bucket = refunds.bucket AND attempts.id = refunds.attempt_id
          AND attempts.state = 'paid'
        WHERE refunds.bucket = orders.bucket AND refunds.order_id = orders.id) AS asked
 WHERE asked.amount_fen <> orders.refunded_fen OR asked.done_fen <> payables.refunded_fen
 LIMIT 20;

-- name: books_against_payments
-- across buckets: every try that brought money is in the books once, under what became of it.
SELECT format('books: %s is %s over %s fen, and its transfer says %s', attempts.out_trade_no,
              attempts.state, attempts.amount_fen, transfers.amount_fen) AS what
  FROM trade.attempts
  FULL JOIN (SELECT bucket, split_part(business_key, ':', 2) AS out_trade_no,
                    split_part(business_key, ':', 1) AS kind, amount_fen
               FROM books.transfers
              WHERE debit_account = 'wechat_pay:receivable') AS transfers
    ON transfers.bucket = attempts.bucket AND transfers.out_trade_no = attempts.out_trade_no
 WHERE attempts.state IS NULL AND transfers.amount_fen IS NOT NULL
    OR attempts.state IN ('open', 'closed') AND transfers.amount_fen IS NOT NULL
    OR attempts.state IN ('paid', 'returned')
   AND (transfers.amount_fen IS DISTINCT FROM attempts.amount_fen
        OR transfers.kind <> CASE attempts.state WHEN 'paid' THEN 'paid' ELSE 'unmatched' END)
 LIMIT 20;

-- name: books_against_refunds
-- across buckets: every refund that is done is in the books once, from where the money lay.
SELECT format('books: refund %s is %s over %s fen, and its transfer says %s from %s',
              refunds.out_refund_no, refunds.state, refunds.amount_fen, transfers.amount_fen,
              transfers.debit_account) AS what
  FROM trade.refunds
  LEFT JOIN trade.attempts
    ON attempts.bucket = refunds.bucket AND attempts.id = refunds.attempt_id
  FULL JOIN (SELECT bucket, split_part(business_key, ':', 2) AS out_refund_no, amount_fen,
                    debit_account
               FROM books.transfers
              WHERE credit_account = 'wechat_pay:receivable') AS transfers
    ON transfers.bucket = refunds.bucket AND transfers.out_refund_no = refunds.out_refund_no
 WHERE (refunds.state = 'done') IS NOT TRUE AND transfers.amount_fen IS NOT NULL
    OR refunds.state = 'done'
   AND (transfers.amount_fen IS DISTINCT FROM refunds.amount_fen
        OR (transfers.debit_account = 'wechat_pay:unmatched') <> (attempts.state = 'returned'))
 LIMIT 20;

-- name: log_against_state
-- across buckets: the log of an order walks declared ways only, and ends where the order stands.
SELECT format('log: order %s is %s after %s', orders.number, orders.state, logged.steps) AS what
  FROM trade.orders
  JOIN trade.payables
    ON payables.bucket = orders.bucket AND payables.order_id = orders.id
  LEFT JOIN (SELECT bucket, order_id,
                    string_agg(coalesce(from_state, 'nothing') || ' to ' || to_state, ', '
                               ORDER BY id) AS steps,
                    (array_agg(to_state ORDER BY id DESC))[1] AS last_state,
                    bool_and(coalesce(from_state, 'nothing') || ' to ' || to_state
                             = ANY (:declared::text[])) AS is_declared
               FROM trade.order_log GROUP BY bucket, order_id) AS logged
    ON logged.bucket = orders.bucket AND logged.order_id = orders.id
 WHERE logged.last_state IS DISTINCT FROM orders.state OR NOT logged.is_declared
 LIMIT 20;

-- name: coupons_against_orders
-- across buckets: a coupon that is used belongs to an order that stands, one coupon an order.
SELECT format('coupon: %s is used by order %s, which is %s', coupons.id, orders.number,
              orders.state) AS what
  FROM pricing.coupons
  JOIN trade.orders
    ON orders.bucket = coupons.bucket AND orders.id = coupons.order_id
  JOIN trade.payables
    ON payables.bucket = orders.bucket AND payables.order_id = orders.id
 WHERE (coupons.used_at IS NOT NULL) = (orders.state = 'closed')
    OR coupons.member_id <> orders.member_id
 LIMIT 20;

-- name: sold
-- Net sales of everybody who was drawn, from the orders outwards: no join of the reading is taken
-- again, and what went back is what the refunds say, where they say more than the order.
-- across buckets: an experiment draws from everybody.
WITH person AS (
    SELECT bucket, member_id
      FROM increment.arms
     WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
     UNION
    SELECT merges.gone_bucket, merges.member_id
      FROM members.merges
      JOIN increment.arms
        ON arms.bucket = merges.bucket AND arms.member_id = merges.member_id
       AND arms.experiment_id = :experiment_id
     WHERE merges.bucket BETWEEN 0 AND 1023
), sold AS (
    SELECT orders.bucket, orders.id, orders.payable_fen, orders.refunded_fen
      FROM trade.orders
      JOIN stores.stores ON stores.id = orders.store_id
     WHERE orders.bucket BETWEEN 0 AND 1023
       AND stores.brand_id = :brand_id
       AND orders.paid_at >= :started_at AND orders.paid_at < :until
       AND (orders.bucket, orders.member_id) IN (SELECT bucket, member_id FROM person)
), back AS (
    SELECT sum(refund_lines.amount_fen) - sold.refunded_fen AS more_fen
      FROM sold
      JOIN trade.refunds ON refunds.bucket = sold.bucket AND refunds.order_id = sold.id
      JOIN trade.refund_lines
        ON refund_lines.bucket = refunds.bucket AND refund_lines.refund_id = refunds.id
     WHERE refunds.state = 'done'
     GROUP BY sold.bucket, sold.id, sold.refunded_fen
)
SELECT (coalesce((SELECT sum(payable_fen - refunded_fen) FROM sold), 0)
        - coalesce((SELECT sum(more_fen) FROM back WHERE more_fen > 0), 0))::bigint;

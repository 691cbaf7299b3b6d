-- name: sold
-- Net sales of everybody who was drawn, from the orders outwards: no join of the reading is taken
-- again, and what went back is what the refunds say, where they say more than the order.
-- across buckets: an experiment draws from everybody.
SELECT coalesce(sum(orders.payable_fen - greatest(orders.refunded_fen, back.amount_fen)), 0)::bigint
  FROM trade.orders
  JOIN stores.stores ON stores.id = orders.store_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(refund_lines.amount_fen), 0) AS amount_fen
         FROM trade.refunds
         JOIN trade.refund_lines
           ON refund_lines.bucket = refunds.bucket AND refund_lines.refund_id = refunds.id
        WHERE refunds.bucket = orders.bucket AND refunds.order_id = orders.id
          AND refunds.state = 'done') AS back
 WHERE orders.bucket BETWEEN 0 AND 1023
   AND stores.brand_id = :brand_id
   AND orders.paid_at >= :started_at AND orders.paid_at < :until
   AND EXISTS (
           SELECT
             FROM increment.arms
            WHERE arms.bucket = orders.bucket AND arms.member_id = orders.member_id
              AND arms.experiment_id = :experiment_id);

-- name: claim_due
-- across buckets: a worker serves every member. SKIP LOCKED and the pushed time are the claim;
-- `due_at` is not pushed, so that nobody can pay in the meantime.
UPDATE trade.orders
   SET close_at = :again_at
  FROM (SELECT bucket, id
          FROM trade.orders
         WHERE state = 'placed' AND close_at <= :now
         ORDER BY close_at
         LIMIT :most
           FOR UPDATE SKIP LOCKED) AS due
 WHERE orders.bucket = due.bucket AND orders.id = due.id
RETURNING orders.id, orders.member_id;

-- name: open_attempts
SELECT out_trade_no FROM trade.attempts
 WHERE bucket = :bucket AND order_id = :order_id AND state = 'open';

-- name: close
WITH closed AS (
    UPDATE trade.orders
       SET state = 'closed', ended_at = :now, due_at = NULL, close_at = NULL
     WHERE bucket = :bucket AND id = :order_id AND state = 'placed'
 RETURNING id, member_id, store_id
), logged AS (
    INSERT INTO trade.order_log
           (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
    SELECT :bucket, id, :log_id, 'placed', 'closed', :reason, :by_whom, :now
      FROM closed
)
SELECT id, member_id, store_id FROM closed;

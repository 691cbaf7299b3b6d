-- name: orders
UPDATE trade.orders
   SET member_id = :member_id
 WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :gone_id;

-- name: parts
-- What belongs to an order follows it; whose order it is was changed just before.
WITH moved AS (
    SELECT bucket, id
      FROM trade.orders
     WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :member_id
), lines AS (
    UPDATE trade.order_lines
       SET member_id = :member_id
      FROM moved
     WHERE order_lines.bucket = moved.bucket AND order_lines.order_id = moved.id
       AND order_lines.member_id = :gone_id
), payables AS (
    UPDATE trade.payables
       SET member_id = :member_id
      FROM moved
     WHERE payables.bucket = moved.bucket AND payables.order_id = moved.id
       AND payables.member_id = :gone_id
), attempts AS (
    UPDATE trade.attempts
       SET member_id = :member_id
      FROM moved
     WHERE attempts.bucket = moved.bucket AND attempts.order_id = moved.id
       AND attempts.member_id = :gone_id
)
UPDATE trade.refunds
   SET member_id = :member_id
  FROM moved
 WHERE refunds.bucket = moved.bucket AND refunds.order_id = moved.id
   AND refunds.member_id = :gone_id;

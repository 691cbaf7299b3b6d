-- name: quarter
-- Members who had bought before the quarter, what they bought then and in it; who stayed away in it
-- counts with nothing. The order of buckets is that of a hash, so the first many are any.
-- across buckets: the trial is on everybody.
SELECT sum(CASE WHEN orders.paid_at >= :started_at
                THEN orders.payable_fen - orders.refunded_fen ELSE 0 END)::bigint AS sales_fen,
       sum(CASE WHEN orders.paid_at < :started_at
                THEN orders.payable_fen ELSE 0 END)::bigint AS before_fen
  FROM trade.orders
  JOIN stores.stores ON stores.id = orders.store_id
 WHERE orders.bucket BETWEEN 0 AND 1023
   AND stores.brand_id = :brand_id AND orders.member_id IS NOT NULL
   AND orders.paid_at >= :before_from AND orders.paid_at < :until
 GROUP BY orders.bucket, orders.member_id
HAVING bool_or(orders.paid_at < :started_at)
 ORDER BY orders.bucket, orders.member_id
 LIMIT :most;

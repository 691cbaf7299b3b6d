-- name: paid
-- What the orders themselves say was paid in these stores.
-- across buckets: a store sells to everybody.
SELECT coalesce(sum(payable_fen), 0)::bigint
  FROM trade.orders
 WHERE bucket BETWEEN 0 AND 1023 AND store_id = ANY (:store_ids::uuid[])
   AND paid_at >= :from_at AND paid_at < :until_at;

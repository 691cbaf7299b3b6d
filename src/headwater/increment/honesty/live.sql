-- name: quarter
-- Members who had bought before the quarter, what they bought then and in it; who stayed away in it
-- counts with nothing. The order of buckets is that of a hash, so the first many are any; who was
-- two accounts has orders in the buckets of both, and is one.
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
 GROUP BY orders.member_id
HAVING bool_or(orders.paid_at < :started_at)
 ORDER BY min(orders.bucket), orders.member_id
 LIMIT :most;

-- name: keep
-- The id is made of brand and day, so that a night that runs twice keeps one.
INSERT INTO increment.trials (
       id, brand_id, tried_at, from_at, until_at, members, draws, holdout_share, adjusted_share,
       raw_share, error)
VALUES (:id, :brand_id, :tried_at, :from_at, :until_at, :members, :draws, :holdout_share,
       :adjusted_share, :raw_share, :error)
    ON CONFLICT (id) DO NOTHING;

-- name: kept
SELECT members, draws, holdout_share, adjusted_share, raw_share, error, from_at, until_at
  FROM increment.trials
 WHERE brand_id = :brand_id
 ORDER BY tried_at DESC
 LIMIT :most;

-- name: sums
-- From the assignment outwards: whoever was drawn has a row, also who bought nothing, so neither
-- arm can lose any. Spending before is gross: what is refunded after the launch may be our doing.
-- across buckets: an experiment draws from everybody.
WITH outcome AS (
    SELECT arms.arm,
           coalesce(sum(orders.payable_fen - orders.refunded_fen)
                    FILTER (WHERE orders.paid_at >= :launched_at), 0) AS y,
           coalesce(sum(orders.payable_fen)
                    FILTER (WHERE orders.paid_at < :launched_at), 0) AS x
      FROM increment.arms
      LEFT JOIN (trade.orders
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id)
        ON orders.bucket = arms.bucket AND orders.member_id = arms.member_id
       AND orders.paid_at >= :before_from AND orders.paid_at < :until
     WHERE arms.bucket BETWEEN 0 AND 1023 AND arms.experiment_id = :experiment_id
     GROUP BY arms.bucket, arms.member_id, arms.arm
)
SELECT arm, count(*) AS members,
       sum(y) AS y, sum(y * y) AS yy, sum(x) AS x, sum(x * x) AS xx, sum(x * y) AS xy
  FROM outcome
 GROUP BY arm
 ORDER BY arm;

-- name: leaked
-- Held out, and reached all the same.
-- across buckets: an experiment draws from everybody.
SELECT count(DISTINCT arms.member_id)
  FROM increment.exposures
  JOIN increment.arms
    ON arms.bucket = exposures.bucket AND arms.experiment_id = exposures.experiment_id
   AND arms.member_id = exposures.member_id
 WHERE exposures.bucket BETWEEN 0 AND 1023
   AND exposures.experiment_id = :experiment_id AND arms.arm = 'holdout';

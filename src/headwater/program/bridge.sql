-- name: sold
-- across buckets: a brand sells to everybody.
SELECT coalesce(sum(orders.payable_fen - orders.refunded_fen), 0)::bigint AS sold_fen
  FROM trade.orders
  JOIN stores.stores ON stores.id = orders.store_id
 WHERE stores.brand_id = :brand_id AND orders.paid_at >= :from_at AND orders.paid_at < :until_at;

-- name: credited
-- By the scene in which the share was met; a relation alone is a scene of its own.
-- across buckets: guides serve everybody.
SELECT coalesce(shares.scene, credits.reason) AS scene, count(*) AS lines,
       sum(credits.credit_fen - credits.reversed_fen)::bigint AS credited_fen
  FROM guides.credits
  JOIN stores.stores ON stores.id = credits.store_id
  LEFT JOIN guides.shares ON shares.code = credits.share_code
 WHERE stores.brand_id = :brand_id
   AND credits.decided_at >= :from_at AND credits.decided_at < :until_at
 GROUP BY 1
 ORDER BY 3 DESC, 1;

-- name: null_credit
-- Sales of whom the program left alone, what the policy credited of them, and what lay within the
-- policy's days after a dispatch, although the dispatch never reached them.
-- across buckets: a program leaves members of all of them alone.
WITH dispatch AS (
    SELECT launched_at
      FROM increment.experiments
     WHERE brand_id = :brand_id AND kind = 'campaign' AND code <> ALL (:placebos::text[])
       AND launched_at < :until_at
), person AS (
    SELECT bucket, member_id
      FROM increment.arms
     WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id AND arm = 'holdout'
     UNION
    SELECT merges.gone_bucket, arms.member_id
      FROM increment.arms
      JOIN members.merges ON merges.bucket = arms.bucket AND merges.member_id = arms.member_id
     WHERE arms.bucket BETWEEN 0 AND 1023 AND arms.experiment_id = :experiment_id
       AND arms.arm = 'holdout'
), sold AS (
    SELECT orders.bucket, orders.id, orders.paid_at,
           orders.payable_fen - orders.refunded_fen AS net_fen
      FROM person
      JOIN trade.orders ON orders.bucket = person.bucket AND orders.member_id = person.member_id
      JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
     WHERE orders.paid_at >= :from_at AND orders.paid_at < :until_at
)
SELECT coalesce(sum(sold.net_fen), 0)::bigint AS sold_fen,
       coalesce(sum((
           SELECT sum(credits.credit_fen - credits.reversed_fen)
             FROM guides.credits
            WHERE credits.bucket = sold.bucket AND credits.order_id = sold.id)), 0
       )::bigint AS credited_fen,
       coalesce(sum(sold.net_fen) FILTER (WHERE EXISTS (
           SELECT
             FROM dispatch
            WHERE dispatch.launched_at <= sold.paid_at
              AND dispatch.launched_at
                  > sold.paid_at - make_interval(days => :touch_days::integer))), 0
       )::bigint AS touched_fen,
       :touch_days::integer AS touch_days
  FROM sold;

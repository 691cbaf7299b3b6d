-- name: products
-- From the assignment outwards: whoever was drawn has a row, also who bought nothing, so neither
-- arm can lose any. Each member brings the products of each two stretches in which anything was
-- bought; place 0 is the number 1. Spending before is gross: what is refunded after the launch may
-- be our doing.
-- across buckets: an experiment draws from everybody.
WITH drawn AS (
    SELECT bucket, member_id, arm
      FROM increment.arms
     WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
), bought AS (
    SELECT drawn.bucket, drawn.member_id, drawn.arm, orders.paid_at, orders.payable_fen,
           orders.refunded_fen
      FROM drawn
      JOIN trade.orders ON orders.bucket = drawn.bucket AND orders.member_id = drawn.member_id
      JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
     WHERE orders.paid_at >= :before_from AND orders.paid_at < :until
), outcome AS (
    SELECT bucket, member_id, arm, 0 AS place, 1::numeric AS value
      FROM drawn
     UNION ALL
    SELECT bought.bucket, bought.member_id, bought.arm,
           width_bucket(bought.paid_at, :froms::timestamptz[]) AS place,
           sum(bought.payable_fen - CASE WHEN bought.paid_at < :started_at THEN 0
                                         ELSE bought.refunded_fen END)
      FROM bought
     GROUP BY bought.bucket, bought.member_id, bought.arm, place
     UNION ALL
    SELECT bucket, member_id, arm, :weeks_place::integer,
           count(DISTINCT ceil(extract(epoch FROM :started_at - paid_at) / 604800))
      FROM bought
     WHERE paid_at < :started_at
     GROUP BY bucket, member_id, arm
), each_member AS (
    SELECT arm, array_agg(place) AS places, array_agg(value) AS values
      FROM outcome
     GROUP BY bucket, member_id, arm
)
SELECT each_member.arm, one.place AS one, other.place AS other,
       sum(one.value * other.value) AS total
  FROM each_member
 CROSS JOIN unnest(each_member.places, each_member.values) AS one (place, value)
 CROSS JOIN unnest(each_member.places, each_member.values) AS other (place, value)
 WHERE one.place <= other.place
 GROUP BY each_member.arm, one.place, other.place;

-- name: store_products
-- The same sums where stores were drawn: whatever anybody bought there is the store's.
-- across buckets: a store sells to everybody.
WITH drawn AS (
    SELECT unit_id AS store_id, arm
      FROM increment.unit_arms
     WHERE experiment_id = :experiment_id
), bought AS (
    SELECT drawn.store_id, drawn.arm, orders.paid_at, orders.payable_fen, orders.refunded_fen
      FROM drawn
      JOIN trade.orders ON orders.store_id = drawn.store_id
      JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
     WHERE orders.paid_at >= :before_from AND orders.paid_at < :until
), outcome AS (
    SELECT store_id, arm, 0 AS place, 1::numeric AS value
      FROM drawn
     UNION ALL
    SELECT bought.store_id, bought.arm,
           width_bucket(bought.paid_at, :froms::timestamptz[]) AS place,
           sum(bought.payable_fen - CASE WHEN bought.paid_at < :started_at THEN 0
                                         ELSE bought.refunded_fen END)
      FROM bought
     GROUP BY bought.store_id, bought.arm, place
     UNION ALL
    SELECT store_id, arm, :weeks_place::integer,
           count(DISTINCT ceil(extract(epoch FROM :started_at - paid_at) / 604800))
      FROM bought
     WHERE paid_at < :started_at
     GROUP BY store_id, arm
), each_member AS (
    SELECT arm, array_agg(place) AS places, array_agg(value) AS values
      FROM outcome
     GROUP BY store_id, arm
)
SELECT each_member.arm, one.place AS one, other.place AS other,
       sum(one.value * other.value) AS total
  FROM each_member
 CROSS JOIN unnest(each_member.places, each_member.values) AS one (place, value)
 CROSS JOIN unnest(each_member.places, each_member.values) AS other (place, value)
 WHERE one.place <= other.place
 GROUP BY each_member.arm, one.place, other.place;

-- name: past_products
-- The same sums over members who are not drawn yet, as if a window had begun earlier.
-- across buckets: an audience comes from all of them.
WITH drawn AS (
    SELECT bucket, member_id
      FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
), bought AS (
    SELECT drawn.bucket, drawn.member_id, orders.paid_at, orders.payable_fen, orders.refunded_fen
      FROM drawn
      JOIN trade.orders ON orders.bucket = drawn.bucket AND orders.member_id = drawn.member_id
      JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
     WHERE orders.paid_at >= :before_from AND orders.paid_at < :until
), outcome AS (
    SELECT bucket, member_id, 0 AS place, 1::numeric AS value
      FROM drawn
     UNION ALL
    SELECT bought.bucket, bought.member_id,
           width_bucket(bought.paid_at, :froms::timestamptz[]) AS place,
           sum(bought.payable_fen - CASE WHEN bought.paid_at < :started_at THEN 0
                                         ELSE bought.refunded_fen END)
      FROM bought
     GROUP BY bought.bucket, bought.member_id, place
     UNION ALL
    SELECT bucket, member_id, :weeks_place::integer,
           count(DISTINCT ceil(extract(epoch FROM :started_at - paid_at) / 604800))
      FROM bought
     WHERE paid_at < :started_at
     GROUP BY bucket, member_id
), each_member AS (
    SELECT array_agg(place) AS places, array_agg(value) AS values
      FROM outcome
     GROUP BY bucket, member_id
)
SELECT 'past' AS arm, one.place AS one, other.place AS other,
       sum(one.value * other.value) AS total
  FROM each_member
 CROSS JOIN unnest(each_member.places, each_member.values) AS one (place, value)
 CROSS JOIN unnest(each_member.places, each_member.values) AS other (place, value)
 WHERE one.place <= other.place
 GROUP BY one.place, other.place;

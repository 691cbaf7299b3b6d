-- name: of_members
-- From the assignment outwards: whoever was drawn has a row of their own at place 0, also who
-- bought nothing, so neither arm can lose any. Every order is a row more, at the place of its
-- stretch of time. Spending before is gross: what is refunded after the launch may be our doing.
-- Orders of an id that became a member lie where they lay, so a person may be in several buckets.
-- Where guides are asked about, a row at place -1 says in whose book somebody was.
-- across buckets: an experiment draws from everybody.
WITH drawn AS (
    SELECT bucket, member_id, arm, row_number() OVER (ORDER BY bucket, member_id) - 1 AS unit
      FROM increment.arms
     WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
), person AS (
    SELECT bucket, member_id, unit
      FROM drawn
     UNION
    SELECT merges.gone_bucket, drawn.member_id, drawn.unit
      FROM drawn
      JOIN members.merges
        ON merges.bucket = drawn.bucket AND merges.member_id = drawn.member_id
)
SELECT unit::integer AS unit, 0::smallint AS place, (arm = 'treated')::integer::bigint AS value
  FROM drawn
 UNION ALL
SELECT drawn.unit::integer, (-1)::smallint,
       dense_rank() OVER (ORDER BY books.guide_id) - 1
  FROM drawn
  JOIN increment.books
    ON books.bucket = drawn.bucket AND books.member_id = drawn.member_id
   AND books.experiment_id = :experiment_id
 UNION ALL
SELECT person.unit::integer, width_bucket(orders.paid_at, :froms::timestamptz[])::smallint,
       orders.payable_fen - CASE WHEN orders.paid_at < :started_at THEN 0
                                 ELSE orders.refunded_fen END
  FROM person
  JOIN trade.orders ON orders.bucket = person.bucket AND orders.member_id = person.member_id
  JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
 WHERE orders.paid_at >= :before_from AND orders.paid_at < :until;

-- name: of_stores
-- The same where stores were drawn: whatever anybody bought there is the store's.
-- across buckets: a store sells to everybody.
WITH drawn AS (
    SELECT unit_id AS store_id, arm, row_number() OVER (ORDER BY unit_id) - 1 AS unit
      FROM increment.unit_arms
     WHERE experiment_id = :experiment_id
)
SELECT unit::integer AS unit, 0::smallint AS place, (arm = 'treated')::integer::bigint AS value
  FROM drawn
 UNION ALL
SELECT drawn.unit::integer, width_bucket(orders.paid_at, :froms::timestamptz[])::smallint,
       orders.payable_fen - CASE WHEN orders.paid_at < :started_at THEN 0
                                 ELSE orders.refunded_fen END
  FROM drawn
  JOIN trade.orders ON orders.store_id = drawn.store_id
  JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
 WHERE orders.paid_at >= :before_from AND orders.paid_at < :until;

-- name: of_guides
-- The same where guides were drawn: whatever the members of their books bought in the brand's
-- stores is theirs, and the books are those of the first day.
-- across buckets: a guide knows members of many buckets.
WITH drawn AS (
    SELECT unit_id AS guide_id, arm, row_number() OVER (ORDER BY unit_id) - 1 AS unit
      FROM increment.unit_arms
     WHERE experiment_id = :experiment_id
), person AS (
    SELECT bucket, member_id, guide_id
      FROM increment.books
     WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
     UNION
    SELECT merges.gone_bucket, books.member_id, books.guide_id
      FROM increment.books
      JOIN members.merges
        ON merges.bucket = books.bucket AND merges.member_id = books.member_id
     WHERE books.bucket BETWEEN 0 AND 1023 AND books.experiment_id = :experiment_id
)
SELECT unit::integer AS unit, 0::smallint AS place, (arm = 'treated')::integer::bigint AS value
  FROM drawn
 UNION ALL
SELECT drawn.unit::integer, width_bucket(orders.paid_at, :froms::timestamptz[])::smallint,
       orders.payable_fen - CASE WHEN orders.paid_at < :started_at THEN 0
                                 ELSE orders.refunded_fen END
  FROM drawn
  JOIN person ON person.guide_id = drawn.guide_id
  JOIN trade.orders ON orders.bucket = person.bucket AND orders.member_id = person.member_id
  JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
 WHERE orders.paid_at >= :before_from AND orders.paid_at < :until;

-- name: in_books
-- across buckets: a guide knows members of many buckets.
SELECT count(*)
  FROM increment.books
 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id;

-- name: of_past
-- The same over members who are not drawn yet, as if a window had begun earlier.
-- across buckets: an audience comes from all of them.
WITH drawn AS (
    SELECT bucket, member_id, unit - 1 AS unit
      FROM unnest(:buckets::smallint[], :member_ids::uuid[])
           WITH ORDINALITY AS asked (bucket, member_id, unit)
), person AS (
    SELECT bucket, member_id, unit
      FROM drawn
     UNION
    SELECT merges.gone_bucket, drawn.member_id, drawn.unit
      FROM drawn
      JOIN members.merges
        ON merges.bucket = drawn.bucket AND merges.member_id = drawn.member_id
)
SELECT unit::integer AS unit, 0::smallint AS place, 1::bigint AS value
  FROM drawn
 UNION ALL
SELECT person.unit::integer, width_bucket(orders.paid_at, :froms::timestamptz[])::smallint,
       orders.payable_fen - CASE WHEN orders.paid_at < :started_at THEN 0
                                 ELSE orders.refunded_fen END
  FROM person
  JOIN trade.orders ON orders.bucket = person.bucket AND orders.member_id = person.member_id
  JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
 WHERE orders.paid_at >= :before_from AND orders.paid_at < :until;

-- name: draft
INSERT INTO reach.segments (id, brand_id, name, rule, created_by, created_at)
VALUES (:id, :brand_id, :name, :rule, :created_by, :now);

-- name: get
SELECT id, brand_id, name, rule, member_count, true_at, created_by, created_at
  FROM reach.segments
 WHERE id = :id;

-- name: of_brand
SELECT id, brand_id, name, rule, member_count, true_at, created_by, created_at
  FROM reach.segments
 WHERE brand_id = :brand_id
 ORDER BY created_at DESC, id DESC;

-- name: date
UPDATE reach.segments
   SET member_count = :member_count, true_at = :now
 WHERE id = :id;

-- name: empty
-- across buckets: a segment holds members of all of them.
DELETE FROM reach.segment_members
 WHERE bucket BETWEEN 0 AND 1023 AND segment_id = :segment_id;

-- name: fill
INSERT INTO reach.segment_members (bucket, segment_id, member_id)
SELECT bucket, :segment_id, member_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS found (bucket, member_id)
    ON CONFLICT (bucket, segment_id, member_id) DO NOTHING;

-- name: kept
-- across buckets: a segment holds members of all of them.
SELECT array_agg(member_id)
  FROM reach.segment_members
 WHERE bucket BETWEEN 0 AND 1023 AND segment_id = :segment_id;

-- name: names
SELECT code, name_zh, name_en FROM stores.stores WHERE code = ANY (:codes::text[])
 UNION ALL
SELECT code, name_zh, name_en FROM stores.regions WHERE code = ANY (:codes::text[])
 UNION ALL
SELECT code, name_zh, name_en FROM catalog.categories WHERE code = ANY (:codes::text[])
 UNION ALL
SELECT code, name_zh, name_en FROM catalog.departments WHERE code = ANY (:codes::text[]);

-- name: everybody
-- The brand's members: at home in one of its stores, or in none yet.
SELECT array_agg(members.id)
  FROM members.members
  LEFT JOIN stores.stores ON stores.id = members.home_store_id
 WHERE members.bucket BETWEEN :first_bucket AND :last_bucket AND members.erased_at IS NULL
   AND (stores.id IS NULL OR stores.brand_id = :brand_id);

-- name: lapsed
-- Bought before, and not since; what is paid counts, whatever came back later. Here and below: who
-- was two accounts has orders where either of them had them.
SELECT array_agg(lapsed.member_id)
  FROM (SELECT part.member_id
          FROM (SELECT orders.member_id, max(orders.paid_at) AS last_at
                 FROM trade.orders
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id
                WHERE orders.bucket BETWEEN :first_bucket AND :last_bucket
                  AND orders.paid_at <= :now
                GROUP BY orders.bucket, orders.member_id
                UNION ALL
               SELECT orders.member_id, max(orders.paid_at) AS last_at
                 FROM (SELECT DISTINCT member_id, gone_bucket
                         FROM members.merges
                        WHERE bucket BETWEEN :first_bucket AND :last_bucket
                          AND gone_bucket NOT BETWEEN :first_bucket AND :last_bucket) AS brought
                 JOIN trade.orders
                   ON orders.bucket = brought.gone_bucket
                  AND orders.member_id = brought.member_id
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id
                WHERE orders.paid_at <= :now
                GROUP BY orders.bucket, orders.member_id) AS part
         GROUP BY part.member_id
        HAVING max(part.last_at) <= :since) AS lapsed;

-- name: bought
-- The code is a category's or a department's. Insight keeps when a member last bought of it; the
-- categories come as an array, so that the index is asked for these and for no other.
SELECT array_agg(DISTINCT preferences.member_id)
  FROM insight.preferences
 WHERE preferences.bucket BETWEEN :first_bucket AND :last_bucket
   AND preferences.bought_at > :since
   AND preferences.category_id = ANY (ARRAY (
           SELECT categories.id
             FROM catalog.categories
             JOIN catalog.departments ON departments.id = categories.department_id
            WHERE categories.code = :code OR departments.code = :code));

-- name: ordered
-- Who bought so often, and for so much after what came back; either least may be nothing.
SELECT array_agg(ordered.member_id)
  FROM (SELECT part.member_id
          FROM (SELECT orders.member_id, count(*) AS orders,
                       sum(orders.payable_fen - orders.refunded_fen) AS net_fen
                 FROM trade.orders
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id
                WHERE orders.bucket BETWEEN :first_bucket AND :last_bucket
                  AND orders.paid_at > :since AND orders.paid_at <= :now
                GROUP BY orders.bucket, orders.member_id
                UNION ALL
               SELECT orders.member_id, count(*) AS orders,
                      sum(orders.payable_fen - orders.refunded_fen) AS net_fen
                 FROM (SELECT DISTINCT member_id, gone_bucket
                         FROM members.merges
                        WHERE bucket BETWEEN :first_bucket AND :last_bucket
                          AND gone_bucket NOT BETWEEN :first_bucket AND :last_bucket) AS brought
                 JOIN trade.orders
                   ON orders.bucket = brought.gone_bucket
                  AND orders.member_id = brought.member_id
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id
                WHERE orders.paid_at > :since AND orders.paid_at <= :now
                GROUP BY orders.bucket, orders.member_id) AS part
         GROUP BY part.member_id
        HAVING sum(part.orders) >= :least AND sum(part.net_fen) >= :least_fen) AS ordered;

-- name: home_store
SELECT array_agg(members.id)
  FROM members.members
  JOIN stores.stores ON stores.id = members.home_store_id
 WHERE members.bucket BETWEEN :first_bucket AND :last_bucket AND stores.code = :code;

-- name: home_region
SELECT array_agg(members.id)
  FROM members.members
  JOIN stores.stores ON stores.id = members.home_store_id
  JOIN stores.regions ON regions.id = stores.region_id
 WHERE members.bucket BETWEEN :first_bucket AND :last_bucket AND regions.code = :code;

-- name: level
SELECT array_agg(id)
  FROM members.members
 WHERE bucket BETWEEN :first_bucket AND :last_bucket AND level = :level;

-- name: allows
SELECT array_agg(latest.member_id)
  FROM (SELECT DISTINCT ON (bucket, member_id) member_id, is_granted
          FROM members.consents
         WHERE bucket BETWEEN :first_bucket AND :last_bucket
           AND purpose = 'marketing' AND channel = :channel
         ORDER BY bucket, member_id, said_at DESC, id DESC) AS latest
 WHERE latest.is_granted;

-- name: joined
SELECT array_agg(id)
  FROM members.members
 WHERE bucket BETWEEN :first_bucket AND :last_bucket
   AND joined_at > :since AND joined_at <= :now;

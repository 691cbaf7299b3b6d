-- name: mine
-- across buckets: a guide knows members of many buckets; with a member's id it is that bucket
-- alone. What was bought counts as far as the walls of the transaction show its orders, also where
-- an account left it that became this member's.
SELECT relations.member_id, members.member_no, members.name_sealed, members.name_mask,
       members.phone_mask, members.level, relations.source, relations.since_at,
       relations.protected_until, coalesce(sales.orders, 0) AS orders,
       coalesce(sales.spent_fen, 0) AS spent_fen, sales.last_paid_at,
       usual.name_zh AS usual_zh, usual.name_en AS usual_en,
       coalesce(said.is_granted, false) AS is_reachable
  FROM guides.relations
  JOIN members.members
    ON members.bucket = relations.bucket AND members.id = relations.member_id
 CROSS JOIN LATERAL
       (SELECT array(SELECT relations.bucket
                      UNION ALL
                     SELECT merges.gone_bucket
                       FROM members.merges
                      WHERE merges.bucket = relations.bucket
                        AND merges.member_id = relations.member_id) AS buckets) AS home
  LEFT JOIN LATERAL
       (SELECT count(*)::int AS orders,
               sum(orders.payable_fen - orders.refunded_fen)::bigint AS spent_fen,
               max(orders.paid_at) AS last_paid_at
          FROM trade.orders
         WHERE orders.bucket = ANY (home.buckets) AND orders.member_id = relations.member_id
           AND orders.paid_at IS NOT NULL) AS sales ON true
  LEFT JOIN LATERAL
       (SELECT categories.name_zh, categories.name_en
          FROM trade.orders
          JOIN trade.order_lines AS line
            ON line.bucket = orders.bucket AND line.order_id = orders.id
          JOIN catalog.variants ON variants.id = line.variant_id
          JOIN catalog.products ON products.id = variants.product_id
          JOIN catalog.categories ON categories.id = products.category_id
         WHERE orders.bucket = ANY (home.buckets) AND orders.member_id = relations.member_id
           AND orders.paid_at IS NOT NULL
         GROUP BY categories.id
         ORDER BY count(*) DESC, sum(line.payable_fen) DESC, categories.code
         LIMIT 1) AS usual ON true
  LEFT JOIN LATERAL
       (SELECT bool_or(latest.is_granted) AS is_granted
          FROM (SELECT DISTINCT ON (consents.channel) consents.is_granted
                  FROM members.consents
                 WHERE consents.bucket = relations.bucket
                   AND consents.member_id = relations.member_id
                   AND consents.purpose = 'marketing'
                 ORDER BY consents.channel, consents.said_at DESC) AS latest) AS said ON true
 WHERE relations.guide_id = :guide_id AND relations.ended_at IS NULL
   AND (:member_id::uuid IS NULL
        OR relations.bucket = :bucket::smallint AND relations.member_id = :member_id)
   AND members.erased_at IS NULL
 ORDER BY sales.last_paid_at DESC NULLS LAST, relations.member_id
 LIMIT :most;

-- name: bought
SELECT orders.number AS order_number, orders.paid_at, products.id AS product_id,
       products.title_zh, products.title_en, line.quantity, line.payable_fen, line.refunded_fen
  FROM trade.orders
  JOIN trade.order_lines AS line ON line.bucket = orders.bucket AND line.order_id = orders.id
  JOIN catalog.variants ON variants.id = line.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE orders.bucket = ANY (array(
           SELECT :bucket::smallint
            UNION ALL
           SELECT gone_bucket
             FROM members.merges
            WHERE merges.bucket = :bucket AND merges.member_id = :member_id))
   AND orders.member_id = :member_id AND orders.paid_at IS NOT NULL
 ORDER BY orders.paid_at DESC, orders.id, line.line_no
 LIMIT :most;

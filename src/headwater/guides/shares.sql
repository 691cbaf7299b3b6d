-- name: create
-- The unique index closes the race: two taps make one share, and the second reads the first.
INSERT INTO guides.shares (code, guide_id, store_id, product_id, scene, shared_at)
VALUES (:code, :guide_id, :store_id, :product_id, :scene, :now)
    ON CONFLICT (guide_id, store_id, scene, product_id)
    DO UPDATE SET shared_at = guides.shares.shared_at
RETURNING code, guide_id, store_id, product_id, scene, shared_at;

-- name: find
SELECT code, guide_id, store_id, product_id, scene, shared_at
  FROM guides.shares
 WHERE code = :code;

-- name: touch
INSERT INTO guides.touches
       (bucket, id, member_id, share_code, guide_id, store_id, touched_at)
VALUES (:bucket, :id, :member_id, :share_code, :guide_id, :store_id, :now)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: take
-- A visitor's rows lie in the visitor's bucket, and move to the member's.
DELETE FROM guides.touches
 WHERE bucket = :bucket AND member_id = :visitor_id
RETURNING id, share_code, guide_id, store_id, touched_at;

-- name: adopt
INSERT INTO guides.touches
       (bucket, id, member_id, share_code, guide_id, store_id, touched_at)
SELECT :bucket, taken.id, :member_id, taken.share_code, taken.guide_id, taken.store_id,
       taken.touched_at
  FROM unnest(:ids::uuid[], :share_codes::text[], :guide_ids::uuid[], :store_ids::uuid[],
              :touched_ats::timestamptz[])
           AS taken (id, share_code, guide_id, store_id, touched_at)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: outcomes
-- across buckets: a share gathers the touches and the credits of many members.
WITH opened AS (
    SELECT share_code, count(DISTINCT member_id) AS visitors
      FROM guides.touches
     WHERE guide_id = :guide_id
     GROUP BY share_code
), bought AS (
    SELECT share_code, count(DISTINCT member_id) AS buyers,
           sum(credit_fen - reversed_fen)::bigint AS credit_fen
      FROM guides.credits
     WHERE guide_id = :guide_id AND share_code IS NOT NULL
     GROUP BY share_code
)
SELECT shares.code, shares.scene, shares.product_id, products.title_zh, products.title_en,
       shares.shared_at,
       coalesce(opened.visitors, 0) AS visitors,
       coalesce(bought.buyers, 0) AS buyers,
       coalesce(bought.credit_fen, 0) AS credit_fen
  FROM guides.shares
  LEFT JOIN opened ON opened.share_code = shares.code
  LEFT JOIN bought ON bought.share_code = shares.code
  LEFT JOIN catalog.products ON products.id = shares.product_id
 WHERE shares.guide_id = :guide_id
 ORDER BY shares.shared_at DESC, shares.code
 LIMIT :most;

-- name: comers
-- across buckets: a share is opened by many members. Who is nobody's member yet has no mask.
SELECT touches.member_id,
       coalesce(min(members.name_mask), '') AS name_mask,
       coalesce(min(members.phone_mask), '') AS phone_mask,
       coalesce(bool_or(relations.guide_id = :guide_id), false) AS is_customer,
       min(touches.touched_at) AS first_at,
       max(touches.touched_at) AS last_at,
       count(*) AS opened
  FROM guides.touches
  LEFT JOIN members.members
    ON members.bucket = touches.bucket AND members.id = touches.member_id
  LEFT JOIN guides.relations
    ON relations.bucket = touches.bucket AND relations.member_id = touches.member_id
   AND relations.ended_at IS NULL
 WHERE touches.share_code = :share_code AND touches.guide_id = :guide_id
 GROUP BY touches.member_id
 ORDER BY max(touches.touched_at) DESC
 LIMIT 200;

-- name: touched
-- What guides put before members lately. across buckets: a clock serves every member.
SELECT DISTINCT touches.guide_id, stores.brand_id, touches.member_id
  FROM guides.touches
  JOIN stores.stores ON stores.id = touches.store_id
 WHERE touches.bucket BETWEEN 0 AND 1023 AND touches.touched_at >= :since;

-- name: place_of
SELECT id, name_zh, name_en
  FROM stores.stores
 WHERE lower(code) = lower(:code) AND is_open AND kind IN ('shop', 'unit');

-- name: place
SELECT id, name_zh, name_en FROM stores.stores WHERE id = :store_id;

-- name: brought
-- A visit that was begun by an account which became this member's goes on where it lies.
SELECT visits.id, visits.member_id, visits.store_id, visits.order_id, visits.started_at,
       visits.ended_at
  FROM members.merges
  JOIN scango.visits
    ON visits.bucket = merges.gone_bucket AND visits.member_id = merges.member_id
 WHERE merges.bucket = :bucket AND merges.member_id = :member_id
   AND visits.store_id = :store_id AND visits.ended_at IS NULL
   AND visits.started_at >= :not_before
 ORDER BY visits.started_at DESC
 LIMIT 1;

-- name: start
-- The unique index on open visits closes the race: two taps begin one visit. One that was left
-- open too long begins anew under the same key.
INSERT INTO scango.visits AS visit (bucket, id, member_id, store_id, started_at)
VALUES (:bucket, :id, :member_id, :store_id, :now)
    ON CONFLICT (bucket, member_id, store_id) WHERE ended_at IS NULL DO UPDATE
   SET started_at = CASE WHEN visit.started_at < :not_before THEN :now
                         ELSE visit.started_at END
RETURNING visit.id, visit.member_id, visit.store_id, visit.order_id, visit.started_at,
          visit.ended_at;

-- name: own
SELECT id, member_id, store_id, order_id, started_at, ended_at
  FROM scango.visits
 WHERE bucket = :bucket AND id = :id AND member_id = :member_id;

-- name: end
UPDATE scango.visits
   SET order_id = :order_id, ended_at = :now
 WHERE bucket = :bucket AND id = :id AND member_id = :member_id AND ended_at IS NULL;

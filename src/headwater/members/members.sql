-- name: add
INSERT INTO members.members
       (bucket, id, member_no, external_id, name_sealed, phone_sealed, name_mask, phone_mask,
        home_store_id, source, language, joined_at, sessions_from_at)
VALUES (:bucket, :id, :member_no, NULL, :name_sealed, :phone_sealed, :name_mask, :phone_mask,
        :home_store_id, :source, :language, :now, :now)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: one
SELECT id, member_no, name_sealed, phone_sealed, name_mask, phone_mask, level, home_store_id,
       source, language, joined_at, sessions_from_at, erased_at
  FROM members.members
 WHERE bucket = :bucket AND id = :id;

-- name: page
-- across buckets: HQ lists members of many buckets; the walls are the condition.
SELECT id, member_no, name_mask, phone_mask, level, home_store_id, source, joined_at
  FROM members.members
 WHERE erased_at IS NULL AND (home_store_id = ANY (:store_ids::uuid[]) OR :is_everywhere)
 ORDER BY joined_at DESC, id
 LIMIT :most OFFSET :skip;

-- name: count
-- across buckets: HQ counts members of many buckets; the walls are the condition.
SELECT count(*) FROM members.members
 WHERE erased_at IS NULL AND (home_store_id = ANY (:store_ids::uuid[]) OR :is_everywhere);

-- name: set_home_store
UPDATE members.members SET home_store_id = :store_id WHERE bucket = :bucket AND id = :id;

-- name: set_phone
UPDATE members.members SET phone_sealed = :phone_sealed, phone_mask = :phone_mask
 WHERE bucket = :bucket AND id = :id;

-- name: set_name
UPDATE members.members SET name_sealed = :name_sealed, name_mask = :name_mask
 WHERE bucket = :bucket AND id = :id;

-- name: end_sessions
UPDATE members.members SET sessions_from_at = :now WHERE bucket = :bucket AND id = :id;

-- name: sessions_from
SELECT sessions_from_at FROM members.members
 WHERE bucket = :bucket AND id = :id AND erased_at IS NULL;

-- name: take
-- Both rows in one order, so that two merges of the same people wait and do not deadlock.
SELECT id, joined_at, erased_at, merged_into
  FROM members.members
 WHERE (bucket, id) IN ((:bucket, :id), (:other_bucket, :other_id))
 ORDER BY bucket, id
   FOR UPDATE;

-- name: write
-- Whoever had become the one who goes is the one who stays from now on.
INSERT INTO members.merges
       (bucket, member_id, gone_bucket, gone_member_id, evidence, merged_at)
SELECT :bucket::smallint, :member_id::uuid, :gone_bucket::smallint, :gone_id::uuid,
       :evidence::text, :now::timestamptz
 UNION ALL
SELECT :bucket, :member_id, gone_bucket, gone_member_id, evidence, :now
  FROM members.merges
 WHERE bucket = :gone_bucket AND member_id = :gone_id
    ON CONFLICT (bucket, member_id, gone_member_id) DO NOTHING;

-- name: complete
-- What is known of the one who goes fills what is not known of the one who stays.
UPDATE members.members AS kept
   SET name_sealed = coalesce(kept.name_sealed, gone.name_sealed),
       name_mask = CASE WHEN kept.name_sealed IS NULL THEN gone.name_mask ELSE kept.name_mask END,
       phone_sealed = coalesce(kept.phone_sealed, gone.phone_sealed),
       phone_mask = CASE WHEN kept.phone_sealed IS NULL THEN gone.phone_mask
                         ELSE kept.phone_mask END,
       external_id = coalesce(kept.external_id, gone.external_id),
       home_store_id = coalesce(kept.home_store_id, gone.home_store_id)
  FROM members.members AS gone
 WHERE kept.bucket = :bucket AND kept.id = :member_id
   AND gone.bucket = :gone_bucket AND gone.id = :gone_id;

-- name: close
UPDATE members.members
   SET name_sealed = NULL, phone_sealed = NULL, name_mask = '', phone_mask = '',
       external_id = NULL, erased_at = :now, sessions_from_at = :now, merged_into = :member_id
 WHERE bucket = :gone_bucket AND id = :gone_id;

-- name: point
UPDATE members.finders
   SET member_id = :member_id
 WHERE bucket = :bucket AND kind = :kind AND app_id = :app_id AND value_index = :value_index
   AND member_id = :gone_id;

-- name: move_identity
INSERT INTO members.identities
       (bucket, id, member_id, kind, app_id, value_sealed, value_index, evidence, linked_at)
VALUES (:bucket, :id, :member_id, :kind, :app_id, :value_sealed, :value_index, :evidence,
       :linked_at)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: unlink
UPDATE members.identities
   SET unlinked_at = :now, value_sealed = ''::bytea, value_index = ''::bytea
 WHERE bucket = :gone_bucket AND member_id = :gone_id AND unlinked_at IS NULL;

-- name: said
SELECT id
  FROM members.consents
 WHERE bucket = :gone_bucket AND member_id = :gone_id;

-- name: take_consents
-- The latest word of either counts, since both were one person's.
INSERT INTO members.consents (
       bucket, id, member_id, purpose, channel, is_granted, text_version, evidence, said_at)
SELECT :bucket, moved.id, :member_id, purpose, channel, is_granted, text_version, evidence, said_at
  FROM unnest(:old_ids::uuid[], :ids::uuid[]) AS moved (old_id, id)
  JOIN members.consents
    ON consents.bucket = :gone_bucket AND consents.id = moved.old_id
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: became
SELECT merged_into
  FROM members.members
 WHERE bucket = :bucket AND id = :id;

-- name: became_others
SELECT members.id, members.merged_into
  FROM unnest(:buckets::smallint[], :ids::uuid[]) AS asked (bucket, id)
  JOIN members.members ON members.bucket = asked.bucket AND members.id = asked.id
 WHERE members.merged_into IS NOT NULL;

-- name: buckets
SELECT DISTINCT gone_bucket
  FROM members.merges
 WHERE bucket = :bucket AND member_id = :member_id
 ORDER BY gone_bucket;

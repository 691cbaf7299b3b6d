-- name: put_members
-- Sealed bytes differ at every sealing, so they are not compared: the mask of the name and the
-- indexed phone tell whether the person's data changed.
INSERT INTO members.members
       (bucket, id, member_no, external_id, name_sealed, phone_sealed, name_mask, phone_mask,
        level, home_store_id, source, is_demo_label, joined_at, sessions_from_at)
SELECT bucket, id, member_no, external_id, name_sealed, phone_sealed, name_mask, phone_mask,
       level, home_store_id, :source, :is_demo_label, joined_at, :now
  FROM unnest(:bucket::smallint[], :id::uuid[], :member_no::text[], :external_id::text[],
              :name_sealed::bytea[], :phone_sealed::bytea[], :name_mask::text[],
              :phone_mask::text[], :level::text[], :home_store_id::uuid[],
              :joined_at::timestamptz[], :phone_changed::boolean[])
       AS given (bucket, id, member_no, external_id, name_sealed, phone_sealed, name_mask,
                 phone_mask, level, home_store_id, joined_at, phone_changed)
 WHERE given.phone_changed
    OR NOT EXISTS (
       SELECT FROM members.members AS same
        WHERE same.bucket = given.bucket AND same.id = given.id
          AND (same.name_mask, same.phone_mask, same.level, same.home_store_id, same.joined_at)
              IS NOT DISTINCT FROM
              (given.name_mask, given.phone_mask, given.level, given.home_store_id,
               given.joined_at))
    ON CONFLICT (bucket, id) DO UPDATE
   SET name_sealed = EXCLUDED.name_sealed, phone_sealed = EXCLUDED.phone_sealed,
       name_mask = EXCLUDED.name_mask, phone_mask = EXCLUDED.phone_mask,
       level = EXCLUDED.level, home_store_id = EXCLUDED.home_store_id,
       joined_at = EXCLUDED.joined_at
 WHERE members.erased_at IS NULL;

-- name: put_finders
-- An id that finds somebody already keeps finding them; whoever was erased stays unfindable.
INSERT INTO members.finders (bucket, kind, app_id, value_index, member_id)
SELECT given.bucket, given.kind, given.app_id, given.value_index, given.member_id
  FROM unnest(:bucket::smallint[], :kind::text[], :app_id::text[], :value_index::bytea[],
              :member_bucket::smallint[], :member_id::uuid[])
       AS given (bucket, kind, app_id, value_index, member_bucket, member_id)
  JOIN members.members
    ON members.bucket = given.member_bucket AND members.id = given.member_id
   AND members.erased_at IS NULL
    ON CONFLICT (bucket, kind, app_id, value_index) DO NOTHING;

-- name: put_identities
-- Erased people are not linked again.
INSERT INTO members.identities
       (bucket, id, member_id, kind, app_id, value_sealed, value_index, evidence, linked_at)
SELECT given.bucket, given.id, given.member_id, given.kind, given.app_id, given.value_sealed,
       given.value_index, :evidence, :now
  FROM unnest(:bucket::smallint[], :id::uuid[], :member_id::uuid[], :kind::text[],
              :app_id::text[], :value_sealed::bytea[], :value_index::bytea[])
       AS given (bucket, id, member_id, kind, app_id, value_sealed, value_index)
  JOIN members.members
    ON members.bucket = given.bucket AND members.id = given.member_id
   AND members.erased_at IS NULL
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: put_consents
-- What a member said is kept once for each word and source; a later word of theirs stays later.
INSERT INTO members.consents
       (bucket, id, member_id, purpose, channel, is_granted, text_version, evidence, said_at)
SELECT given.bucket, given.id, given.member_id, given.purpose, given.channel, given.is_granted,
       :text_version, given.evidence, given.said_at
  FROM unnest(:bucket::smallint[], :id::uuid[], :member_id::uuid[], :purpose::text[],
              :channel::text[], :is_granted::boolean[], :evidence::text[],
              :said_at::timestamptz[])
       AS given (bucket, id, member_id, purpose, channel, is_granted, evidence, said_at)
  JOIN members.members
    ON members.bucket = given.bucket AND members.id = given.member_id
   AND members.erased_at IS NULL
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: holders
SELECT finders.kind, finders.app_id, finders.value_index, finders.member_id
  FROM unnest(:buckets::smallint[], :kinds::text[], :app_ids::text[], :value_indexes::bytea[])
       AS asked (bucket, kind, app_id, value_index)
  JOIN members.finders
    ON finders.bucket = asked.bucket AND finders.kind = asked.kind
   AND finders.app_id = asked.app_id AND finders.value_index = asked.value_index;

-- name: known
-- Another system goes on calling a person as it always did, whomever they became here.
SELECT members.id
  FROM unnest(:buckets::smallint[], :ids::uuid[]) AS asked (bucket, id)
  JOIN members.members
    ON members.bucket = asked.bucket AND members.id = asked.id
   AND (members.erased_at IS NULL OR members.merged_into IS NOT NULL);

-- name: count_from
-- across buckets: an import counts what it wrote for everybody.
SELECT count(*) FROM members.members WHERE source = :source;

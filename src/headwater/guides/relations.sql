-- name: current
SELECT guide_id, store_id, source, since_at, protected_until
  FROM guides.relations
 WHERE bucket = :bucket AND member_id = :member_id AND ended_at IS NULL;

-- name: prolong
UPDATE guides.relations
   SET protected_until = greatest(relations.protected_until, met.protected_until)
  FROM unnest(:buckets::smallint[], :member_ids::uuid[], :guide_ids::uuid[],
              :met_ats::timestamptz[], :protected_untils::timestamptz[])
           AS met (bucket, member_id, guide_id, met_at, protected_until)
 WHERE relations.bucket = met.bucket AND relations.member_id = met.member_id
   AND relations.guide_id = met.guide_id
   AND relations.ended_at IS NULL AND relations.since_at <= met.met_at;

-- name: end
-- Only another's that is older and no longer protected ends; the condition closes the race with
-- a prolongation.
UPDATE guides.relations
   SET ended_at = met.met_at
  FROM unnest(:buckets::smallint[], :member_ids::uuid[], :guide_ids::uuid[],
              :met_ats::timestamptz[])
           AS met (bucket, member_id, guide_id, met_at)
 WHERE relations.bucket = met.bucket AND relations.member_id = met.member_id
   AND relations.guide_id <> met.guide_id
   AND relations.ended_at IS NULL AND relations.since_at < met.met_at
   AND relations.protected_until <= met.met_at;

-- name: begin
-- The unique index on current relations keeps whoever is known still, and closes the race of two
-- guides.
INSERT INTO guides.relations
       (bucket, member_id, guide_id, store_id, source, since_at, protected_until)
SELECT bucket, member_id, guide_id, store_id, source, met_at, protected_until
  FROM unnest(:buckets::smallint[], :member_ids::uuid[], :guide_ids::uuid[],
              :met_ats::timestamptz[], :store_ids::uuid[], :sources::text[],
              :protected_untils::timestamptz[])
           AS met (bucket, member_id, guide_id, met_at, store_id, source, protected_until)
    ON CONFLICT DO NOTHING;

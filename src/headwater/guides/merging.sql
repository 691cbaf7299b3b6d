-- name: end
-- Two guides of one person: the one who knew the person who stays keeps the relation.
UPDATE guides.relations AS gone
   SET ended_at = :now
 WHERE gone.bucket = :gone_bucket AND gone.member_id = :gone_id AND gone.ended_at IS NULL
   AND EXISTS (SELECT FROM guides.relations AS kept
                WHERE kept.bucket = :bucket AND kept.member_id = :member_id
                  AND kept.ended_at IS NULL);

-- name: follow
WITH gone AS (
    DELETE FROM guides.relations
     WHERE bucket = :gone_bucket AND member_id = :gone_id
    RETURNING guide_id, store_id, source, since_at, protected_until, ended_at
)
INSERT INTO guides.relations (
       bucket, member_id, guide_id, store_id, source, since_at, protected_until, ended_at)
SELECT :bucket, :member_id, guide_id, store_id, source, since_at, protected_until, ended_at
  FROM gone
    ON CONFLICT DO NOTHING;

-- name: credits
UPDATE guides.credits
   SET member_id = :member_id
 WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :gone_id;

-- name: commissions
UPDATE guides.commissions
   SET member_id = :member_id
 WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :gone_id;

-- name: current
SELECT guide_id, store_id, source, since_at, protected_until
  FROM guides.relations
 WHERE bucket = :bucket AND member_id = :member_id AND ended_at IS NULL;

-- name: prolong
UPDATE guides.relations
   SET protected_until = greatest(protected_until, :protected_until)
 WHERE bucket = :bucket AND member_id = :member_id AND guide_id = :guide_id
   AND ended_at IS NULL AND since_at <= :now;

-- name: end
-- Only what is no longer protected ends; the condition closes the race with a prolongation.
UPDATE guides.relations
   SET ended_at = :now
 WHERE bucket = :bucket AND member_id = :member_id AND ended_at IS NULL
   AND protected_until <= :now;

-- name: begin
-- The unique index on current relations closes the race of two guides.
INSERT INTO guides.relations
       (bucket, member_id, guide_id, store_id, source, since_at, protected_until)
VALUES (:bucket, :member_id, :guide_id, :store_id, :source, :now, :protected_until)
    ON CONFLICT DO NOTHING;

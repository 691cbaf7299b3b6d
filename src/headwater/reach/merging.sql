-- name: count_one_less
-- Where both were held, one person less is.
UPDATE reach.segments
   SET member_count = member_count - 1
  FROM reach.segment_members AS gone
  JOIN reach.segment_members AS kept
    ON kept.bucket = :bucket AND kept.segment_id = gone.segment_id AND kept.member_id = :member_id
 WHERE gone.bucket = :gone_bucket AND gone.member_id = :gone_id
   AND segments.id = gone.segment_id;

-- name: follow
WITH gone AS (
    DELETE FROM reach.segment_members
     WHERE bucket = :gone_bucket AND member_id = :gone_id
    RETURNING segment_id
)
INSERT INTO reach.segment_members (bucket, segment_id, member_id)
SELECT :bucket, segment_id, :member_id
  FROM gone
    ON CONFLICT (bucket, segment_id, member_id) DO NOTHING;

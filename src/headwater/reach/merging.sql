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

-- name: follow_choices
-- Who was drawn twice had heard the earlier batch first, and keeps that one.
WITH gone AS (
    DELETE FROM reach.choices
     WHERE bucket = :gone_bucket AND member_id = :gone_id
    RETURNING campaign_id, batch_no, content_no, propensity, chosen_at
)
INSERT INTO reach.choices (
       bucket, campaign_id, member_id, batch_no, content_no, propensity, chosen_at)
SELECT :bucket, campaign_id, :member_id, batch_no, content_no, propensity, chosen_at
  FROM gone
    ON CONFLICT (bucket, campaign_id, member_id) DO UPDATE
   SET batch_no = EXCLUDED.batch_no, content_no = EXCLUDED.content_no,
       propensity = EXCLUDED.propensity, chosen_at = EXCLUDED.chosen_at
 WHERE EXCLUDED.batch_no < choices.batch_no;

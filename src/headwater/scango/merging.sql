-- name: end
-- Of two visits to one store that would lie side by side, the older is over.
UPDATE scango.visits AS gone
   SET ended_at = :now
 WHERE gone.bucket = ANY (:buckets::smallint[]) AND gone.member_id = :gone_id
   AND gone.ended_at IS NULL
   AND EXISTS (SELECT FROM scango.visits AS kept
                WHERE kept.bucket = gone.bucket AND kept.member_id = :member_id
                  AND kept.store_id = gone.store_id AND kept.ended_at IS NULL);

-- name: follow
UPDATE scango.visits
   SET member_id = :member_id
 WHERE bucket = ANY (:buckets::smallint[]) AND member_id = :gone_id;

-- name: say
INSERT INTO members.consents
       (bucket, id, member_id, purpose, channel, is_granted, text_version, evidence, said_at)
VALUES (:bucket, :id, :member_id, :purpose, :channel, :is_granted, :text_version, :evidence, :now);

-- name: in_force
SELECT DISTINCT ON (purpose, channel) purpose, channel, is_granted, text_version, said_at
  FROM members.consents
 WHERE bucket = :bucket AND member_id = :member_id
 ORDER BY purpose, channel, said_at DESC, id DESC;

-- name: granted
-- The latest word counts, and it must be a yes; who was erased has said nothing any more.
SELECT unit.member_id, latest.text_version, latest.said_at
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN members.members
    ON members.bucket = unit.bucket AND members.id = unit.member_id AND members.erased_at IS NULL
  JOIN LATERAL (
           SELECT consents.is_granted, consents.text_version, consents.said_at
             FROM members.consents
            WHERE consents.bucket = unit.bucket AND consents.member_id = unit.member_id
              AND consents.purpose = :purpose AND consents.channel = :channel
            ORDER BY consents.said_at DESC, consents.id DESC
            LIMIT 1) AS latest ON latest.is_granted;

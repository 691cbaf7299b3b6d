-- name: say
INSERT INTO members.consents
       (bucket, id, member_id, purpose, channel, is_granted, text_version, evidence, said_at)
VALUES (:bucket, :id, :member_id, :purpose, :channel, :is_granted, :text_version, :evidence, :now);

-- name: in_force
SELECT DISTINCT ON (purpose, channel) purpose, channel, is_granted, text_version, said_at
  FROM members.consents
 WHERE bucket = :bucket AND member_id = :member_id
 ORDER BY purpose, channel, said_at DESC, id DESC;

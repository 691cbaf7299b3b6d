-- name: withdrawn
-- Who was put into an audience and said no since; the last word counts.
-- across buckets: the clock serves every member.
SELECT messages.bucket, messages.id AS message_id,
       coalesce(messages.experiment_id, messages.brand_id) AS key, phone.value_sealed,
       latest.text_version, latest.said_at
  FROM gate.messages
  JOIN LATERAL (
           SELECT consents.is_granted, consents.text_version, consents.said_at
             FROM members.consents
            WHERE consents.bucket = messages.bucket AND consents.member_id = messages.member_id
              AND consents.purpose = :purpose AND consents.channel = :channel
            ORDER BY consents.said_at DESC, consents.id DESC
            LIMIT 1) AS latest ON NOT latest.is_granted
  JOIN LATERAL (
           SELECT identities.value_sealed
             FROM members.identities
            WHERE identities.bucket = messages.bucket
              AND identities.member_id = messages.member_id
              AND identities.kind = 'phone' AND identities.unlinked_at IS NULL
            ORDER BY identities.linked_at DESC
            LIMIT 1) AS phone ON true
 WHERE messages.channel = :channel AND messages.state IN ('sent', 'unsure')
   AND messages.reason <> 'taken_out'
 LIMIT 10000;

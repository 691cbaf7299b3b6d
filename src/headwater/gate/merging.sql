-- name: of_gone
-- What is on its way just now is finished under the id by which it left.
SELECT id
  FROM gate.messages
 WHERE bucket = :gone_bucket AND member_id = :gone_id AND state <> 'sending';

-- name: take_pressure
-- A message leaves only beside this row, which takes turns for its member.
WITH gone AS (
    DELETE FROM gate.pressure
     WHERE bucket = :gone_bucket AND member_id = :gone_id
    RETURNING asked_at
)
INSERT INTO gate.pressure (bucket, member_id, asked_at)
SELECT :bucket, :member_id, asked_at
  FROM gone
    ON CONFLICT (bucket, member_id) DO UPDATE
   SET asked_at = greatest(pressure.asked_at, EXCLUDED.asked_at);

-- name: spare
-- Of one campaign's two messages one is enough: what was sent is kept before what is planned.
DELETE FROM gate.messages
 USING gate.messages AS sent
 WHERE messages.bucket = :bucket AND messages.member_id = :member_id
   AND messages.state IN ('planned', 'later', 'refused')
   AND sent.bucket = :gone_bucket AND sent.member_id = :gone_id
   AND sent.campaign_id = messages.campaign_id AND sent.channel = messages.channel
   AND sent.state IN ('sending', 'sent', 'unsure');

-- name: follow
WITH gone AS (
    DELETE FROM gate.messages
     USING unnest(:old_ids::uuid[], :ids::uuid[]) AS moved (old_id, new_id)
     WHERE messages.bucket = :gone_bucket AND messages.id = moved.old_id
       AND messages.member_id = :gone_id AND messages.state <> 'sending'
    RETURNING moved.new_id, channel, purpose, brand_id, campaign_id, experiment_id, content, state,
              reason, due_at, ends_at, planned_at, claimed_at, sent_at, provider_no, opened_at
)
INSERT INTO gate.messages (
       bucket, id, member_id, channel, purpose, brand_id, campaign_id, experiment_id, content,
       state, reason, due_at, ends_at, planned_at, claimed_at, sent_at, provider_no, opened_at)
SELECT :bucket, new_id, :member_id, channel, purpose, brand_id, campaign_id, experiment_id,
       content, state, reason, due_at, ends_at, planned_at, claimed_at, sent_at, provider_no,
       opened_at
  FROM gone
    ON CONFLICT DO NOTHING;

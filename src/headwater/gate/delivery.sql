-- name: take
-- SKIP LOCKED lets several workers take different members; the pressure row is locked with the
-- message, so that no two of them count the same member's budget at once.
-- across buckets: a worker serves every member.
SELECT messages.bucket, messages.id
  FROM gate.messages
  JOIN gate.pressure
    ON pressure.bucket = messages.bucket AND pressure.member_id = messages.member_id
 WHERE messages.state IN ('planned', 'later') AND messages.due_at <= :now
   AND messages.channel = ANY (:channels::text[])
   AND (messages.purpose = 'service' OR NOT :is_quiet::boolean)
 ORDER BY messages.due_at
 LIMIT :most
   FOR UPDATE OF messages, pressure SKIP LOCKED;

-- name: judge
-- One message a member at a time; the others of this member wait for the next claim.
WITH judged AS (
    SELECT messages.bucket, messages.id, address.value_sealed,
           row_number() OVER (PARTITION BY messages.bucket, messages.member_id
                              ORDER BY messages.purpose DESC, messages.due_at, messages.id) AS turn,
           CASE
               WHEN messages.ends_at <= :now THEN 'too_late'
               WHEN members.id IS NULL THEN 'no_member'
               WHEN messages.purpose = 'marketing' AND consent.is_granted IS NOT TRUE
                   THEN 'no_consent'
               WHEN consent.is_granted IS FALSE THEN 'no_consent'
               WHEN address.value_sealed IS NULL THEN 'no_address'
               WHEN messages.purpose = 'marketing' AND EXISTS (
                   SELECT
                     FROM increment.arms
                     JOIN increment.experiments ON experiments.id = arms.experiment_id
                    WHERE arms.bucket = messages.bucket AND arms.member_id = messages.member_id
                      AND arms.arm = 'holdout'
                      AND (experiments.id = messages.experiment_id
                           OR (experiments.kind = 'program'
                               AND experiments.brand_id = messages.brand_id
                               AND experiments.ended_at IS NULL))) THEN 'held_out'
               WHEN messages.purpose = 'marketing' AND EXISTS (
                   SELECT
                     FROM gate.budgets
                    WHERE budgets.channel IN (messages.channel, 'any')
                      AND budgets.most <= (
                              SELECT count(*)
                                FROM gate.messages AS earlier
                               WHERE earlier.bucket = messages.bucket
                                 AND earlier.member_id = messages.member_id
                                 AND earlier.purpose = 'marketing'
                                 AND earlier.state IN ('sending', 'sent', 'unsure')
                                 AND budgets.channel IN (earlier.channel, 'any')
                                 AND coalesce(earlier.sent_at, earlier.claimed_at) >
                                     CASE budgets.period
                                         WHEN 'month' THEN :month_starts_at::timestamptz
                                         ELSE :now::timestamptz
                                              - make_interval(days => budgets.length)
                                     END)) THEN 'over_budget'
               ELSE ''
           END AS reason
      FROM unnest(:buckets::smallint[], :ids::uuid[]) AS taken (bucket, id)
      JOIN gate.messages ON messages.bucket = taken.bucket AND messages.id = taken.id
      LEFT JOIN members.members
        ON members.bucket = messages.bucket AND members.id = messages.member_id
       AND members.erased_at IS NULL
      LEFT JOIN LATERAL (
               SELECT consents.is_granted
                 FROM members.consents
                WHERE consents.bucket = messages.bucket
                  AND consents.member_id = messages.member_id
                  AND consents.purpose = messages.purpose AND consents.channel = messages.channel
                ORDER BY consents.said_at DESC, consents.id DESC
                LIMIT 1) AS consent ON true
      LEFT JOIN LATERAL (
               SELECT identities.value_sealed
                 FROM members.identities
                 JOIN gate.channels
                   ON channels.channel = messages.channel
                  AND channels.identity_kind = identities.kind
                  AND channels.app_id = identities.app_id
                WHERE identities.bucket = messages.bucket
                  AND identities.member_id = messages.member_id
                  AND identities.unlinked_at IS NULL
                ORDER BY identities.linked_at DESC
                LIMIT 1) AS address ON true
)
UPDATE gate.messages
   SET state = CASE judged.reason WHEN '' THEN 'sending' ELSE 'refused' END,
       reason = judged.reason, claimed_at = :now
  FROM judged
 WHERE messages.bucket = judged.bucket AND messages.id = judged.id AND judged.turn = 1
RETURNING messages.bucket, messages.id, messages.member_id, messages.channel, messages.purpose,
          messages.brand_id, messages.experiment_id, messages.content, messages.state,
          messages.ends_at, judged.value_sealed;

-- name: mark
-- Only what is still being sent: a sweep that came first is not overruled.
UPDATE gate.messages
   SET state = outcome.state, reason = outcome.reason, provider_no = outcome.provider_no,
       due_at = coalesce(outcome.due_at, messages.due_at),
       sent_at = CASE WHEN outcome.state IN ('sent', 'unsure') THEN :now::timestamptz END
  FROM unnest(:buckets::smallint[], :ids::uuid[], :states::text[], :reasons::text[],
              :provider_nos::text[], :due_ats::timestamptz[])
       AS outcome (bucket, id, state, reason, provider_no, due_at)
 WHERE messages.bucket = outcome.bucket AND messages.id = outcome.id
   AND messages.state = 'sending';

-- name: forgotten
-- SKIP LOCKED: another worker may be sweeping as well.
-- across buckets: a worker serves every member.
SELECT bucket, id, member_id, channel, purpose, brand_id, experiment_id, content, state, ends_at,
       NULL::bytea AS value_sealed
  FROM gate.messages
 WHERE state = 'sending' AND claimed_at < :before
 LIMIT 1000
   FOR UPDATE SKIP LOCKED;

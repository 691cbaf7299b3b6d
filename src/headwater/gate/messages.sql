-- name: reachable
SELECT unit.member_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN members.members
    ON members.bucket = unit.bucket AND members.id = unit.member_id AND members.erased_at IS NULL
  JOIN gate.channels ON channels.channel = :channel
 WHERE (SELECT consents.is_granted
          FROM members.consents
         WHERE consents.bucket = unit.bucket AND consents.member_id = unit.member_id
           AND consents.purpose = 'marketing' AND consents.channel = :channel
         ORDER BY consents.said_at DESC, consents.id DESC
         LIMIT 1)
   AND EXISTS (
           SELECT
             FROM members.identities
            WHERE identities.bucket = unit.bucket AND identities.member_id = unit.member_id
              AND identities.kind = channels.identity_kind AND identities.app_id = channels.app_id
              AND identities.unlinked_at IS NULL);

-- name: hold_pressure
-- Locks each member's row until the commit, in one order, so that two plans wait and do not
-- deadlock; the next statement then sees what the first one planned.
INSERT INTO gate.pressure (bucket, member_id, asked_at)
SELECT DISTINCT unit.bucket, unit.member_id, :now::timestamptz
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
 ORDER BY unit.bucket, unit.member_id
    ON CONFLICT (bucket, member_id) DO UPDATE
   SET asked_at = EXCLUDED.asked_at;

-- name: plan
-- The first reason counts. A budget that is full frees itself when its oldest message falls out
-- of the period; where that is too late for this message, it is refused. Holdouts and earlier
-- messages are joined as sets: just drawn, they are unknown to the planner's statistics, and a
-- look-up for each member would read them all each time.
WITH asked AS (
    SELECT bucket, id, member_id
      FROM unnest(:buckets::smallint[], :ids::uuid[], :member_ids::uuid[])
           AS unit (bucket, id, member_id)
), held AS (
    SELECT arms.bucket, arms.member_id, max(experiments.window_ends_at) AS until_at
      FROM increment.arms
      JOIN increment.experiments ON experiments.id = arms.experiment_id
     WHERE arms.arm = 'holdout'
       AND (experiments.id = :experiment_id
            OR (experiments.kind = 'program' AND experiments.brand_id = :brand_id
                AND experiments.ended_at IS NULL))
     GROUP BY arms.bucket, arms.member_id
), earlier AS (
    SELECT messages.bucket, messages.member_id, messages.channel,
           coalesce(messages.sent_at, messages.due_at) AS at
      FROM gate.messages
      JOIN asked
        ON asked.bucket = messages.bucket AND asked.member_id = messages.member_id
     WHERE messages.purpose = 'marketing' AND messages.campaign_id IS DISTINCT FROM :campaign_id
       AND messages.state IN ('planned', 'later', 'sending', 'sent', 'unsure')
), ranked AS (
    SELECT earlier.bucket, earlier.member_id, budgets.most,
           CASE budgets.period
               WHEN 'month' THEN :next_month_at::timestamptz
               ELSE earlier.at + make_interval(days => budgets.length)
           END AS free_at,
           row_number() OVER (
               PARTITION BY earlier.bucket, earlier.member_id, budgets.channel, budgets.period,
                            budgets.length
               ORDER BY earlier.at DESC) AS nth
      FROM earlier
      JOIN gate.budgets
        ON budgets.channel IN (:channel, 'any') AND budgets.channel IN (earlier.channel, 'any')
     WHERE earlier.at > CASE budgets.period
                            WHEN 'month' THEN :month_starts_at::timestamptz
                            ELSE :due_at::timestamptz - make_interval(days => budgets.length)
                        END
), full_up AS (
    SELECT bucket, member_id, max(free_at) AS free_at
      FROM ranked
     WHERE nth = most
     GROUP BY bucket, member_id
), judged AS (
    SELECT asked.bucket, asked.id, asked.member_id,
           coalesce(members.language, 'zh') AS language, held.until_at, full_up.free_at,
           CASE
               WHEN members.id IS NULL THEN 'no_member'
               WHEN consent.is_granted IS NOT TRUE THEN 'no_consent'
               WHEN NOT EXISTS (
                   SELECT
                     FROM members.identities
                    WHERE identities.bucket = asked.bucket
                      AND identities.member_id = asked.member_id
                      AND identities.kind = channels.identity_kind
                      AND identities.app_id = channels.app_id
                      AND identities.unlinked_at IS NULL) THEN 'no_address'
               WHEN held.until_at IS NOT NULL THEN 'held_out'
               WHEN full_up.free_at IS NOT NULL THEN 'over_budget'
               WHEN :due_at::timestamptz > :now THEN 'quiet_hours'
               ELSE ''
           END AS reason
      FROM asked
      JOIN gate.channels ON channels.channel = :channel
      LEFT JOIN members.members
        ON members.bucket = asked.bucket AND members.id = asked.member_id
       AND members.erased_at IS NULL
      LEFT JOIN LATERAL (
               SELECT consents.is_granted
                 FROM members.consents
                WHERE consents.bucket = asked.bucket AND consents.member_id = asked.member_id
                  AND consents.purpose = 'marketing' AND consents.channel = :channel
                ORDER BY consents.said_at DESC, consents.id DESC
                LIMIT 1) AS consent ON true
      LEFT JOIN held ON held.bucket = asked.bucket AND held.member_id = asked.member_id
      LEFT JOIN full_up ON full_up.bucket = asked.bucket AND full_up.member_id = asked.member_id
), written AS (
    INSERT INTO gate.messages (
           bucket, id, member_id, channel, purpose, brand_id, campaign_id, experiment_id, content,
           state, reason, due_at, ends_at, planned_at)
    SELECT bucket, id, member_id, :channel, 'marketing', :brand_id, :campaign_id, :experiment_id,
           coalesce(:contents::jsonb -> language, :contents::jsonb -> 'zh'),
           CASE
               WHEN reason = '' THEN 'planned'
               WHEN reason = 'quiet_hours' AND :due_at::timestamptz < :ends_at THEN 'later'
               WHEN reason = 'over_budget' AND free_at < :ends_at THEN 'later'
               ELSE 'refused'
           END,
           reason,
           CASE reason
               WHEN '' THEN :due_at::timestamptz
               WHEN 'quiet_hours' THEN :due_at::timestamptz
               WHEN 'over_budget' THEN greatest(free_at, :due_at)
           END,
           CASE reason WHEN 'held_out' THEN until_at ELSE :ends_at END,
           :now
      FROM judged
        ON CONFLICT (bucket, id) DO NOTHING
    RETURNING member_id, state, reason
)
SELECT member_id, state, reason FROM written;

-- name: plan_service
-- What the sale itself requires needs no yes, as long as nobody said no to it.
INSERT INTO gate.messages (
       bucket, id, member_id, channel, purpose, brand_id, content, state, reason, due_at, ends_at,
       planned_at)
SELECT bucket, id, member_id, channel, 'service', brand_id, content,
       CASE reason WHEN '' THEN 'planned' ELSE 'refused' END, reason, :now, ends_at, :now
  FROM (SELECT unit.bucket, unit.id, unit.member_id, unit.channel, unit.brand_id, unit.ends_at,
               coalesce(unit.contents -> members.language, unit.contents -> 'zh') AS content,
               CASE
                   WHEN members.id IS NULL THEN 'no_member'
                   WHEN consent.is_granted IS FALSE THEN 'no_consent'
                   WHEN address.id IS NULL THEN 'no_address'
                   WHEN unit.is_touch AND EXISTS (
                       SELECT
                         FROM increment.arms
                         JOIN increment.experiments ON experiments.id = arms.experiment_id
                        WHERE arms.bucket = unit.bucket AND arms.member_id = unit.member_id
                          AND arms.arm = 'holdout' AND experiments.kind = 'program'
                          AND experiments.brand_id = unit.brand_id
                          AND experiments.ended_at IS NULL) THEN 'held_out'
                   ELSE ''
               END AS reason
          FROM unnest(:buckets::smallint[], :ids::uuid[], :member_ids::uuid[], :channels::text[],
                      :brand_ids::uuid[], :contents::jsonb[], :ends_at::timestamptz[],
                      :are_touches::boolean[])
               AS unit (bucket, id, member_id, channel, brand_id, contents, ends_at, is_touch)
          LEFT JOIN members.members
            ON members.bucket = unit.bucket AND members.id = unit.member_id
           AND members.erased_at IS NULL
          LEFT JOIN LATERAL (
                   SELECT consents.is_granted
                     FROM members.consents
                    WHERE consents.bucket = unit.bucket AND consents.member_id = unit.member_id
                      AND consents.purpose = 'service' AND consents.channel = unit.channel
                    ORDER BY consents.said_at DESC, consents.id DESC
                    LIMIT 1) AS consent ON true
          LEFT JOIN LATERAL (
                   SELECT identities.id
                     FROM members.identities
                     JOIN gate.channels
                       ON channels.channel = unit.channel
                      AND channels.identity_kind = identities.kind
                      AND channels.app_id = identities.app_id
                    WHERE identities.bucket = unit.bucket
                      AND identities.member_id = unit.member_id
                      AND identities.unlinked_at IS NULL
                    LIMIT 1) AS address ON true) AS judged
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: withdraw
-- across buckets: a campaign speaks to everybody.
UPDATE gate.messages
   SET state = 'refused', reason = 'withdrawn'
 WHERE bucket BETWEEN 0 AND 1023 AND campaign_id = :campaign_id
   AND state IN ('planned', 'later');

-- name: note_taken_out
UPDATE gate.messages
   SET reason = 'taken_out'
  FROM unnest(:buckets::smallint[], :ids::uuid[]) AS gone (bucket, id)
 WHERE messages.bucket = gone.bucket AND messages.id = gone.id
   AND messages.state IN ('sent', 'unsure');

-- name: progress
-- across buckets: a campaign speaks to everybody.
SELECT state, reason, count(*) AS messages
  FROM gate.messages
 WHERE bucket BETWEEN 0 AND 1023 AND campaign_id = :campaign_id
 GROUP BY state, reason
 ORDER BY state, reason;

-- name: of_member
SELECT id, member_id, channel, purpose, campaign_id, content, state, reason, due_at, ends_at,
       planned_at, sent_at
  FROM gate.messages
 WHERE bucket = :bucket AND member_id = :member_id
 ORDER BY planned_at DESC, id DESC
 LIMIT :most;

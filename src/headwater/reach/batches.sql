-- name: due
-- Whose next batch has come: the first at once, each other when the one before has had its days.
SELECT campaigns.id
  FROM reach.campaigns
  JOIN increment.experiments ON experiments.id = campaigns.experiment_id
  LEFT JOIN LATERAL (
           SELECT batches.batch_no, batches.sent_at
             FROM reach.batches
            WHERE batches.campaign_id = campaigns.id
            ORDER BY batches.batch_no DESC
            LIMIT 1) AS last ON true
 WHERE campaigns.state = 'running' AND jsonb_array_length(campaigns.other_contents) > 0
   AND experiments.window_ends_at > :now
   AND coalesce(last.batch_no, 0) < campaigns.batch_count
   AND (last.sent_at IS NULL
        OR last.sent_at + make_interval(days => campaigns.batch_days) <= :now)
 ORDER BY campaigns.launched_at, campaigns.id;

-- name: hold
-- FOR UPDATE: two workers send one batch after another, and who stops the campaign waits.
SELECT id
  FROM reach.campaigns
 WHERE id = :id AND state = 'running'
   FOR UPDATE;

-- name: of_campaigns
SELECT campaign_id, batch_no, shares, member_count, sent_at
  FROM reach.batches
 WHERE campaign_id = ANY(:campaign_ids::uuid[])
 ORDER BY campaign_id, batch_no;

-- name: over
-- Campaigns of several contents to which no batch will be added, and whose last had its days.
SELECT campaigns.id
  FROM reach.campaigns
  JOIN LATERAL (
           SELECT batches.batch_no, batches.sent_at
             FROM reach.batches
            WHERE batches.campaign_id = campaigns.id
            ORDER BY batches.batch_no DESC
            LIMIT 1) AS last ON true
 WHERE campaigns.brand_id = :brand_id AND jsonb_array_length(campaigns.other_contents) > 0
   AND (last.batch_no >= campaigns.batch_count OR campaigns.state IN ('stopped', 'ended'))
   AND last.sent_at + make_interval(days => campaigns.batch_days) <= :now
 ORDER BY campaigns.launched_at, campaigns.id;

-- name: write
INSERT INTO reach.batches (campaign_id, batch_no, shares, member_count, sent_at)
VALUES (:campaign_id, :batch_no, :shares, :member_count, :now);

-- name: choose
-- Who was drawn once keeps it and is not drawn again, also under an id that became theirs.
INSERT INTO reach.choices (
       bucket, campaign_id, member_id, batch_no, content_no, propensity, chosen_at)
SELECT unit.bucket, :campaign_id, unit.member_id, :batch_no, unit.content_no, unit.propensity, :now
  FROM unnest(:buckets::smallint[], :member_ids::uuid[], :content_nos::integer[],
              :propensities::double precision[])
       AS unit (bucket, member_id, content_no, propensity)
    ON CONFLICT (bucket, campaign_id, member_id) DO NOTHING
RETURNING member_id AS id;

-- name: outcomes
-- What each content's members bought in the days after their batch, less what came back; who
-- bought nothing counts as well, and so does who was chosen and then refused by the gate. Orders
-- of an id that became a member lie where they lay, so a person may be in several buckets.
-- across buckets: a batch is sent to members of all of them.
WITH chosen AS (
    SELECT choices.campaign_id, choices.bucket, choices.member_id, choices.batch_no,
           choices.content_no, batches.sent_at,
           batches.sent_at + make_interval(days => campaigns.batch_days) AS until
      FROM reach.choices
      JOIN reach.batches
        ON batches.campaign_id = choices.campaign_id AND batches.batch_no = choices.batch_no
      JOIN reach.campaigns ON campaigns.id = choices.campaign_id
     WHERE choices.bucket BETWEEN 0 AND 1023
       AND choices.campaign_id = ANY(:campaign_ids::uuid[])
       AND batches.sent_at + make_interval(days => campaigns.batch_days) <= :now
), person AS (
    SELECT campaign_id, bucket, member_id, bucket AS own_bucket, member_id AS own_id,
           sent_at, until
      FROM chosen
     UNION
    SELECT chosen.campaign_id, merges.gone_bucket, chosen.member_id, chosen.bucket,
           chosen.member_id, chosen.sent_at, chosen.until
      FROM chosen
      JOIN members.merges
        ON merges.bucket = chosen.bucket AND merges.member_id = chosen.member_id
), bought AS (
    SELECT person.campaign_id, person.own_bucket, person.own_id,
           sum(orders.payable_fen - orders.refunded_fen) AS sales_fen
      FROM person
      JOIN trade.orders ON orders.bucket = person.bucket AND orders.member_id = person.member_id
      JOIN stores.stores ON stores.id = orders.store_id AND stores.brand_id = :brand_id
     WHERE orders.paid_at >= person.sent_at AND orders.paid_at < person.until
     GROUP BY person.campaign_id, person.own_bucket, person.own_id
)
SELECT chosen.campaign_id, chosen.batch_no, chosen.content_no, count(*)::integer AS members,
       coalesce(sum(bought.sales_fen), 0)::numeric AS sales_fen,
       coalesce(sum(bought.sales_fen * bought.sales_fen), 0)::numeric AS square
  FROM chosen
  LEFT JOIN bought
         ON bought.campaign_id = chosen.campaign_id AND bought.own_bucket = chosen.bucket
        AND bought.own_id = chosen.member_id
 GROUP BY chosen.campaign_id, chosen.batch_no, chosen.content_no
 ORDER BY chosen.campaign_id, chosen.batch_no, chosen.content_no;

-- name: put_past
INSERT INTO gate.messages
       (bucket, id, brand_id, member_id, channel, purpose, campaign_id, content, state, reason,
        planned_at, sent_at)
SELECT bucket, id, brand_id, member_id, :channel, 'marketing', campaign_id, '{}', 'past',
       'imported', sent_at, sent_at
  FROM unnest(:bucket::smallint[], :id::uuid[], :brand_id::uuid[], :member_id::uuid[],
              :campaign_id::uuid[], :sent_at::timestamptz[])
       AS given (bucket, id, brand_id, member_id, campaign_id, sent_at)
    ON CONFLICT DO NOTHING;

-- name: count_past
-- across buckets: an import counts what it wrote for everybody.
SELECT count(*) FROM gate.messages
 WHERE state = 'past' AND campaign_id = ANY (:campaign_ids::uuid[]);

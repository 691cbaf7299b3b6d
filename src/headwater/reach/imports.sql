-- name: put_past
INSERT INTO reach.campaigns
       (id, brand_id, external_id, kind, name, channel, content, holdout_share, window_days,
        state, created_at, launched_at, ended_at)
SELECT id, brand_id, external_id, 'past', name, channel, content, 0, window_days, 'ended',
       launched_at, launched_at, ended_at
  FROM unnest(:id::uuid[], :brand_id::uuid[], :external_id::text[], :name::text[],
              :channel::text[], :content::jsonb[], :window_days::int[],
              :launched_at::timestamptz[], :ended_at::timestamptz[])
       AS given (id, brand_id, external_id, name, channel, content, window_days, launched_at,
                 ended_at)
    ON CONFLICT (external_id) DO NOTHING;

-- name: count_past
SELECT count(*) FROM reach.campaigns WHERE kind = 'past' AND starts_with(external_id, :prefix);

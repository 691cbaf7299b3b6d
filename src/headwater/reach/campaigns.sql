-- name: draft
INSERT INTO reach.campaigns (
       id, brand_id, kind, name, segment_id, channel, content, other_contents, batch_count,
       batch_days, uniform_share, floor_share, offer_id, holdout_share, window_days, state,
       created_by, created_at)
VALUES (:id, :brand_id, 'recall', :name, :segment_id, :channel, :content, :other_contents,
       :batch_count, :batch_days, :uniform_share, :floor_share, :offer_id, :holdout_share,
       :window_days, 'draft', :created_by, :now);

-- name: get
SELECT id, brand_id, kind, name, segment_id, experiment_id, channel, content,
       other_contents, batch_count, batch_days, uniform_share, floor_share, offer_id,
       holdout_share, window_days, state, why_not, created_by, created_at, launched_at, ended_at
  FROM reach.campaigns
 WHERE id = :id;

-- name: of_brand
SELECT id, brand_id, kind, name, segment_id, experiment_id, channel, content,
       other_contents, batch_count, batch_days, uniform_share, floor_share, offer_id,
       holdout_share, window_days, state, why_not, created_by, created_at, launched_at, ended_at
  FROM reach.campaigns
 WHERE brand_id = :brand_id
 ORDER BY created_at DESC, id DESC;

-- name: dispatched
SELECT id, brand_id, kind, name, segment_id, experiment_id, channel, content,
       other_contents, batch_count, batch_days, uniform_share, floor_share, offer_id,
       holdout_share, window_days, state, why_not, created_by, created_at, launched_at, ended_at
  FROM reach.campaigns
 WHERE brand_id = :brand_id AND kind = 'recall' AND launched_at IS NOT NULL
 ORDER BY launched_at, id;

-- name: approve
-- The state is the check: of two approvals one finds a draft.
UPDATE reach.campaigns
   SET state = 'launching', why_not = NULL
 WHERE id = :id AND state = 'draft';

-- name: approved
SELECT id, brand_id, kind, name, segment_id, experiment_id, channel, content,
       other_contents, batch_count, batch_days, uniform_share, floor_share, offer_id,
       holdout_share, window_days, state, why_not, created_by, created_at, launched_at, ended_at
  FROM reach.campaigns
 WHERE state = 'launching'
 ORDER BY created_at;

-- name: put_back
UPDATE reach.campaigns
   SET state = 'draft', why_not = :why_not
 WHERE id = :id AND state = 'launching';

-- name: take
-- FOR UPDATE: a second launch waits for the first, and then finds it running.
SELECT id, brand_id, kind, name, segment_id, experiment_id, channel, content,
       other_contents, batch_count, batch_days, uniform_share, floor_share, offer_id,
       holdout_share, window_days, state, why_not, created_by, created_at, launched_at, ended_at
  FROM reach.campaigns
 WHERE id = :id AND state IN ('draft', 'launching')
   FOR UPDATE;

-- name: run
UPDATE reach.campaigns
   SET state = 'running', experiment_id = :experiment_id, launched_at = :now
 WHERE id = :id AND state IN ('draft', 'launching');

-- name: stop
UPDATE reach.campaigns
   SET state = 'stopped', ended_at = :now
 WHERE id = :id AND state IN ('draft', 'launching', 'running');

-- name: close_over
UPDATE reach.campaigns
   SET state = 'ended', ended_at = :now
  FROM increment.experiments
 WHERE experiments.id = campaigns.experiment_id AND campaigns.state = 'running'
   AND experiments.window_ends_at <= :now;

-- name: offer
SELECT brand_id, kind, label_zh, label_en, ends_at
  FROM pricing.offers
 WHERE id = :id;

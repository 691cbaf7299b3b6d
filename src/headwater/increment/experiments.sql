-- name: launch
-- The code makes a repeat harmless: a question is put once.
INSERT INTO increment.experiments (
       id, code, kind, unit, about_id, brand_id, epoch, name_zh, name_en, salt, holdout_share,
       window_days, metric, plan, launched_at, window_ends_at)
VALUES (:id, :code, :kind, :unit, :about_id, :brand_id, :epoch, :name_zh, :name_en, :salt,
       :holdout_share, :window_days, :metric, :plan, :launched_at, :window_ends_at)
    ON CONFLICT (code) DO NOTHING;

-- name: get
SELECT id, code, kind, unit, about_id, brand_id, epoch, name_zh, name_en, salt, holdout_share,
       window_days, metric, plan, launched_at, window_ends_at, drawn_count, ended_at, washout_until
  FROM increment.experiments
 WHERE id = :id;

-- name: of_brand
SELECT id, code, kind, unit, about_id, brand_id, epoch, name_zh, name_en, salt, holdout_share,
       window_days, metric, plan, launched_at, window_ends_at, drawn_count, ended_at, washout_until
  FROM increment.experiments
 WHERE brand_id = :brand_id
 ORDER BY launched_at DESC, code;

-- name: to_read
-- What may have changed since its last row: open ones, and ended ones while returns may come.
SELECT id, code, kind, unit, about_id, brand_id, epoch, name_zh, name_en, salt, holdout_share,
       window_days, metric, plan, launched_at, window_ends_at, drawn_count, ended_at, washout_until
  FROM increment.experiments
 WHERE :now < least(window_ends_at, ended_at) + make_interval(days => :returns_days)
 ORDER BY launched_at;

-- name: latest_epoch
SELECT id, code, kind, unit, about_id, brand_id, epoch, name_zh, name_en, salt, holdout_share,
       window_days, metric, plan, launched_at, window_ends_at, drawn_count, ended_at, washout_until
  FROM increment.experiments
 WHERE kind = 'program' AND (code = :code OR starts_with(code, :code || ':'))
 ORDER BY epoch DESC
 LIMIT 1;

-- name: end
UPDATE increment.experiments
   SET ended_at = :now, washout_until = :washout_until
 WHERE id = :id AND ended_at IS NULL;

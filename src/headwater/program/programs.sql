-- name: one_at_a_time
-- Of two who ask for one brand at once, the second looks again when the first has written.
SELECT pg_advisory_xact_lock(hashtextextended('program of ' || :brand_id::uuid::text, 0));

-- name: ask
INSERT INTO program.programs
       (id, code, brand_id, name_zh, name_en, starts_on, holdout_share, window_days)
VALUES (:id, :code, :brand_id, :name_zh, :name_en, :starts_on, :holdout_share, :window_days)
    ON CONFLICT (id) DO NOTHING;

-- name: take
-- Locked, so that of two workers one draws.
SELECT code, brand_id, name_zh, name_en, holdout_share, window_days
  FROM program.programs
 WHERE id = :id AND experiment_id IS NULL
   FOR UPDATE;

-- name: begin
UPDATE program.programs
   SET experiment_id = :experiment_id
 WHERE id = :id AND experiment_id IS NULL;

-- name: add_scopes
INSERT INTO program.scopes (id, program_id, region_id, stage, starts_on)
SELECT scope.id, :program_id, scope.region_id, 'running', :starts_on
  FROM unnest(:ids::uuid[], :region_ids::uuid[]) AS scope (id, region_id)
    ON CONFLICT (id) DO NOTHING;

-- name: add_targets
INSERT INTO program.targets (program_id, quarter_no, low_share, high_share)
SELECT :program_id, quarter_no, low_share, high_share
  FROM unnest(:quarter_nos::integer[], :low_shares::float8[], :high_shares::float8[])
       AS target (quarter_no, low_share, high_share)
    ON CONFLICT (program_id, quarter_no) DO NOTHING;

-- name: get
SELECT id, brand_id, name_zh, name_en, starts_on, experiment_id
  FROM program.programs
 WHERE id = :id;

-- name: every
SELECT id, brand_id, name_zh, name_en, starts_on, experiment_id
  FROM program.programs
 ORDER BY starts_on DESC, id;

-- name: follow
-- The former epoch is the check: of two that rotate at once one finds it.
UPDATE program.programs
   SET experiment_id = :experiment_id
 WHERE id = :id AND experiment_id = :former_id;

-- name: scopes
SELECT id, region_id, stage, starts_on
  FROM program.scopes
 WHERE program_id = :program_id
 ORDER BY starts_on, id;

-- name: target_of
SELECT quarter_no, low_share, high_share
  FROM program.targets
 WHERE program_id = :program_id AND quarter_no <= :quarter_no
 ORDER BY quarter_no DESC
 LIMIT 1;

-- name: plan
-- The code closes the race: who comes second with the same one writes nothing.
INSERT INTO increment.rollouts (
       id, code, brand_id, name_zh, name_en, choice, state, salt, plan, fingerprint, strata,
       starts_on, wave_weeks, wave_sizes, history_hash, planned_at, planned_by)
SELECT :id, :code, :brand_id, :name_zh, :name_en, :choice, 'planned', :salt, :plan, :fingerprint,
       :strata, :starts_on, :wave_weeks, :wave_sizes::integer[], :history_hash, :now, :by
 WHERE NOT EXISTS (SELECT FROM increment.experiments WHERE experiments.code = :code)
    ON CONFLICT (code) DO NOTHING;

-- name: place
INSERT INTO increment.rollout_stores (rollout_id, store_id, unit, role, wave, starts_on)
SELECT :rollout_id, store_id, unit, role, wave, starts_on
  FROM unnest(:store_ids::uuid[], :units::text[], :roles::text[], :waves::integer[],
              :starts::date[]) AS place (store_id, unit, role, wave, starts_on);

-- name: launch
-- Only a planned one launches: two launches at once become one.
UPDATE increment.rollouts
   SET state = 'launched', launched_at = :now, launched_by = :by, plan = :plan
 WHERE id = :id AND state = 'planned';

-- name: count_drawn
UPDATE increment.experiments
   SET drawn_count = (SELECT count(*)
                        FROM increment.rollout_stores
                       WHERE rollout_id = :id AND role IN ('drawn', 'picked', 'compared'))
 WHERE id = :id;

-- name: stop
UPDATE increment.rollouts
   SET state = 'stopped', stopped_at = :now, stopped_by = :by
 WHERE id = :id AND stopped_at IS NULL;

-- name: mark_read
UPDATE increment.rollouts
   SET state = 'read'
 WHERE id = :id AND state = 'launched';

-- name: get
SELECT id, code, brand_id, name_zh, name_en, choice, state, salt, plan, fingerprint, strata,
       starts_on, wave_weeks, wave_sizes, history_hash, planned_at, launched_at, stopped_at
  FROM increment.rollouts
 WHERE id = :id;

-- name: of_brand
SELECT id, code, brand_id, name_zh, name_en, choice, state, salt, plan, fingerprint, strata,
       starts_on, wave_weeks, wave_sizes, history_hash, planned_at, launched_at, stopped_at
  FROM increment.rollouts
 WHERE brand_id = :brand_id
 ORDER BY planned_at DESC, code;

-- name: places_of
SELECT unit, store_id, role, wave, starts_on
  FROM increment.rollout_stores
 WHERE rollout_id = :rollout_id
 ORDER BY wave NULLS LAST, unit;

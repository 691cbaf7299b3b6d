-- name: is_on
SELECT EXISTS (
       SELECT
         FROM increment.rollouts
         JOIN increment.rollout_stores ON rollout_stores.rollout_id = rollouts.id
        WHERE rollouts.code = :code AND rollout_stores.store_id = :store_id
          AND rollout_stores.starts_on <= :on AND rollouts.launched_at <= :at
          AND (rollouts.stopped_at IS NULL OR rollouts.stopped_at > :at));

-- name: known
SELECT id, brand_id, launched_at, stopped_at
  FROM increment.rollouts
 WHERE code = :code;

-- name: places
SELECT rollout_stores.store_id, stores.code AS store_code, rollout_stores.wave,
       rollout_stores.starts_on
  FROM increment.rollout_stores
  JOIN stores.stores ON stores.id = rollout_stores.store_id
 WHERE rollout_stores.rollout_id = :rollout_id
 ORDER BY rollout_stores.wave NULLS LAST, stores.code;

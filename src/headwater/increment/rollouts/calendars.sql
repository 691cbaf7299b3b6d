-- name: add
INSERT INTO increment.interventions (
       id, rollout_id, since_on, until_on, units, note, experiment_id, added_at, added_by)
VALUES (:id, :rollout_id, :since_on, :until_on, :units, :note, :experiment_id, :now, :by);

-- name: of_rollout
SELECT id, since_on, until_on, units, note, experiment_id, added_at, added_by
  FROM increment.interventions
 WHERE rollout_id = :rollout_id
 ORDER BY since_on, until_on, id;

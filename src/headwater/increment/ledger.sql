-- name: last
SELECT place, hash
  FROM increment.readings
 ORDER BY place DESC
 LIMIT 1;

-- name: append
-- The unique place and previous hash close the race: a second writer is refused, not forked.
INSERT INTO increment.readings (
       id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash)
VALUES (:id, :place, :experiment_id, :entry, :state, :why, :look_no, :alpha_spent,
       :standard_error, :p, :estimate_fen, :low_fen, :high_fen, :lift_share, :lift_low_share,
       :lift_high_share, :treated_count, :holdout_count, :details, :method, :code_version,
       :true_at, :read_at, :previous_hash, :hash);

-- name: latest_of
-- A look that nobody planned is remembered, and hides none that was planned.
SELECT DISTINCT ON (experiment_id)
       id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 WHERE experiment_id = ANY (:experiment_ids::uuid[]) AND entry = 'reading'
 ORDER BY experiment_id, why = 'look_not_planned', place DESC;

-- name: history
SELECT id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 WHERE experiment_id = :experiment_id AND entry = 'reading'
 ORDER BY place DESC;

-- name: totals_of
-- Of each quarter the newest row: none of the same quarter comes after it.
SELECT id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 WHERE experiment_id = ANY (:experiment_ids::uuid[]) AND entry = 'total'
   AND NOT EXISTS (
           SELECT
             FROM increment.readings AS later
            WHERE later.experiment_id = readings.experiment_id AND later.entry = 'total'
              AND later.true_at = readings.true_at AND later.place > readings.place)
 ORDER BY true_at;

-- name: plan_of
SELECT id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 WHERE experiment_id = :experiment_id AND entry = 'plan';

-- name: whole
SELECT id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 ORDER BY place;

-- name: plans
SELECT id, code, salt, plan
  FROM increment.experiments
 ORDER BY launched_at, code;

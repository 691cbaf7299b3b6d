-- name: leaked
-- Held out, and reached all the same.
-- across buckets: an experiment draws from everybody.
SELECT count(DISTINCT arms.member_id)
  FROM increment.exposures
  JOIN increment.arms
    ON arms.bucket = exposures.bucket AND arms.experiment_id = exposures.experiment_id
   AND arms.member_id = exposures.member_id
 WHERE exposures.bucket BETWEEN 0 AND 1023
   AND exposures.experiment_id = :experiment_id AND arms.arm = 'holdout';

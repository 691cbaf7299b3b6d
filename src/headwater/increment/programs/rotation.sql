-- name: washed_out
-- Held out by an epoch that ended, its wash-out over, and in no arm of the epoch that runs.
-- across buckets: a program draws from everybody.
SELECT DISTINCT former_arms.member_id
  FROM increment.experiments AS running
  JOIN increment.experiments AS former
    ON former.brand_id = running.brand_id AND former.kind = 'program'
   AND former.washout_until <= :now
  JOIN increment.arms AS former_arms
    ON former_arms.experiment_id = former.id AND former_arms.arm = 'holdout'
   AND former_arms.bucket BETWEEN 0 AND 1023
 WHERE running.kind = 'program' AND running.brand_id = :brand_id AND running.ended_at IS NULL
   AND NOT EXISTS (
           SELECT
             FROM increment.arms
            WHERE arms.bucket = former_arms.bucket AND arms.member_id = former_arms.member_id
              AND arms.experiment_id = running.id)
 LIMIT :most;

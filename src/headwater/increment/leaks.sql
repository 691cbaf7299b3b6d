-- name: of_experiments
-- Only while somebody was held out: who was let go may be reached.
-- across buckets: an experiment draws from everybody.
WITH held AS (
    SELECT arms.experiment_id, count(*) AS members
      FROM increment.arms
     WHERE arms.bucket BETWEEN 0 AND 1023 AND arms.arm = 'holdout'
       AND arms.experiment_id = ANY (:experiment_ids::uuid[])
     GROUP BY arms.experiment_id
)
SELECT exposures.experiment_id,
       CASE WHEN grouping(exposures.channel) = 1 THEN 'any' ELSE exposures.channel END AS channel,
       count(DISTINCT exposures.member_id) AS members, held.members AS held_out
  FROM increment.exposures
  JOIN increment.experiments ON experiments.id = exposures.experiment_id
  JOIN increment.arms
    ON arms.bucket = exposures.bucket AND arms.experiment_id = exposures.experiment_id
   AND arms.member_id = exposures.member_id AND arms.arm = 'holdout'
  JOIN held ON held.experiment_id = exposures.experiment_id
 WHERE exposures.bucket BETWEEN 0 AND 1023
   AND exposures.experiment_id = ANY (:experiment_ids::uuid[])
   AND exposures.exposed_at < least(experiments.window_ends_at, experiments.ended_at)
 GROUP BY GROUPING SETS ((exposures.experiment_id, exposures.channel, held.members),
                         (exposures.experiment_id, held.members))
 ORDER BY exposures.experiment_id, channel;

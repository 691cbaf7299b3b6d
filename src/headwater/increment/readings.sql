-- name: drawn_by_day
-- How the arms grew: who looks every day asks this way whether they grew as they were drawn.
-- across buckets: an experiment draws from everybody.
SELECT sum(treated) OVER days AS treated, sum(held_out) OVER days AS held_out
  FROM (SELECT date_trunc('day', assigned_at) AS day,
               count(*) FILTER (WHERE arm = 'treated') AS treated,
               count(*) FILTER (WHERE arm = 'holdout') AS held_out
          FROM (SELECT arm, assigned_at
                  FROM increment.arms
                 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
                 UNION ALL
                SELECT arm, assigned_at
                  FROM increment.unit_arms
                 WHERE experiment_id = :experiment_id) AS drawn
         GROUP BY day) AS daily
WINDOW days AS (ORDER BY day)
 ORDER BY day;

-- name: misdrawn
-- Arms that are not what the plan's salt draws, except those kept in a merge: somebody moved them.
-- across buckets: an experiment draws from everybody.
SELECT count(*)
  FROM (SELECT bucket, member_id AS unit_id, arm
          FROM increment.arms
         WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
         UNION ALL
        SELECT NULL, unit_id, arm
          FROM increment.unit_arms
         WHERE experiment_id = :experiment_id) AS drawn
 WHERE (drawn.arm = 'holdout') <> (
           ('x' || left(encode(sha256(convert_to(
               :salt || ':' || drawn.unit_id, 'UTF8')), 'hex'), 12)
           )::bit(48)::bigint / 281474976710656.0::float8 < :holdout_share::float8)
   AND NOT EXISTS (
           SELECT
             FROM increment.merges
            WHERE merges.bucket = drawn.bucket AND merges.experiment_id = :experiment_id
              AND merges.member_id = drawn.unit_id);

-- name: peers
-- The newest figure of every question of the family: what is asked together is judged together.
SELECT newest.experiment_id, newest.p
  FROM (SELECT DISTINCT ON (readings.experiment_id) readings.experiment_id, readings.p
          FROM increment.readings
          JOIN increment.experiments ON experiments.id = readings.experiment_id
         WHERE readings.entry = 'reading' AND experiments.brand_id = :brand_id
           AND experiments.plan ->> 'family' = :family AND experiments.id <> :experiment_id
         ORDER BY readings.experiment_id, readings.place DESC) AS newest
 WHERE newest.p IS NOT NULL;

-- name: assign
-- Each member draws once: the salt makes it repeatable, the key makes it final. The experiment's
-- row counts what was drawn, so that rows lost later are noticed. Whom the last epoch held out is
-- drawn by nobody until the wash-out is over.
WITH experiment AS (
    SELECT id, brand_id, salt, holdout_share
      FROM increment.experiments
     WHERE id = :experiment_id
), washing AS (
    SELECT arms.bucket, arms.member_id
      FROM experiment
      JOIN increment.experiments AS former
        ON former.brand_id = experiment.brand_id AND former.washout_until > :now
      JOIN increment.arms
        ON arms.experiment_id = former.id AND arms.arm = 'holdout'
       AND arms.bucket BETWEEN 0 AND 1023
), drawn AS (
    SELECT unit.bucket, unit.member_id, experiment.id AS experiment_id, experiment.holdout_share,
           ('x' || left(encode(sha256(convert_to(
               experiment.salt || ':' || unit.member_id, 'UTF8')), 'hex'), 12)
           )::bit(48)::bigint / 281474976710656.0::float8 AS draw
      FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
     CROSS JOIN experiment
     WHERE (unit.bucket, unit.member_id) NOT IN (SELECT bucket, member_id FROM washing)
), written AS (
    INSERT INTO increment.arms (bucket, experiment_id, member_id, arm, assigned_at)
    SELECT bucket, experiment_id, member_id,
           CASE WHEN draw < holdout_share::float8 THEN 'holdout' ELSE 'treated' END, :now
      FROM drawn
        ON CONFLICT (bucket, experiment_id, member_id) DO NOTHING
    RETURNING experiment_id
)
UPDATE increment.experiments
   SET drawn_count = drawn_count + (SELECT count(*) FROM written)
 WHERE id = :experiment_id
RETURNING (SELECT count(*) FROM written);

-- name: assign_to_programs
-- The same draw for every program of the brand that runs.
WITH washing AS (
    SELECT arms.bucket, arms.member_id
      FROM increment.experiments AS former
      JOIN increment.arms
        ON arms.experiment_id = former.id AND arms.arm = 'holdout'
       AND arms.bucket BETWEEN 0 AND 1023
     WHERE former.brand_id = :brand_id AND former.washout_until > :now
), program AS (
    SELECT id, salt, holdout_share
      FROM increment.experiments
     WHERE kind = 'program' AND brand_id = :brand_id AND ended_at IS NULL
), drawn AS (
    SELECT unit.bucket, unit.member_id, program.id AS experiment_id, program.holdout_share,
           ('x' || left(encode(sha256(convert_to(
               program.salt || ':' || unit.member_id, 'UTF8')), 'hex'), 12)
           )::bit(48)::bigint / 281474976710656.0::float8 AS draw
      FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
     CROSS JOIN program
     WHERE (unit.bucket, unit.member_id) NOT IN (SELECT bucket, member_id FROM washing)
), written AS (
    INSERT INTO increment.arms (bucket, experiment_id, member_id, arm, assigned_at)
    SELECT bucket, experiment_id, member_id,
           CASE WHEN draw < holdout_share::float8 THEN 'holdout' ELSE 'treated' END, :now
      FROM drawn
        ON CONFLICT (bucket, experiment_id, member_id) DO NOTHING
    RETURNING experiment_id
), counted AS (
    UPDATE increment.experiments
       SET drawn_count = drawn_count + each.members
      FROM (SELECT experiment_id, count(*) AS members FROM written GROUP BY experiment_id) AS each
     WHERE experiments.id = each.experiment_id
    RETURNING each.members
)
SELECT coalesce(sum(members), 0)::bigint FROM counted;

-- name: assign_units
-- Guides and stores draw like members do, by the same salt and the same number.
WITH experiment AS (
    SELECT id, salt, holdout_share
      FROM increment.experiments
     WHERE id = :experiment_id AND unit <> 'member'
), written AS (
    INSERT INTO increment.unit_arms (experiment_id, unit_id, arm, assigned_at)
    SELECT experiment.id, unit.unit_id,
           CASE WHEN ('x' || left(encode(sha256(convert_to(
                          experiment.salt || ':' || unit.unit_id, 'UTF8')), 'hex'), 12)
                     )::bit(48)::bigint / 281474976710656.0::float8
                     < experiment.holdout_share::float8
                THEN 'holdout' ELSE 'treated' END, :now
      FROM unnest(:unit_ids::uuid[]) AS unit (unit_id)
     CROSS JOIN experiment
        ON CONFLICT (experiment_id, unit_id) DO NOTHING
    RETURNING experiment_id
)
UPDATE increment.experiments
   SET drawn_count = drawn_count + (SELECT count(*) FROM written)
 WHERE id = :experiment_id AND unit <> 'member'
RETURNING (SELECT count(*) FROM written);

-- name: held_units
-- Which of these guides or stores some running experiment leaves alone.
SELECT DISTINCT unit_arms.unit_id
  FROM increment.unit_arms
  JOIN increment.experiments ON experiments.id = unit_arms.experiment_id
 WHERE unit_arms.unit_id = ANY (:unit_ids::uuid[]) AND unit_arms.arm = 'holdout'
   AND experiments.ended_at IS NULL AND experiments.window_ends_at > :now;

-- name: among_rest
SELECT unit.member_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
 WHERE NOT EXISTS (
           SELECT
             FROM increment.arms
             JOIN increment.experiments ON experiments.id = arms.experiment_id
            WHERE arms.bucket = unit.bucket AND arms.member_id = unit.member_id
              AND arms.arm = 'holdout' AND experiments.kind = 'program'
              AND experiments.brand_id = :brand_id AND experiments.ended_at IS NULL);

-- name: open_to
-- Who may hear of something: nobody whom a program of the brand leaves alone, nor whom this
-- question does, nor a question about this guide, or about all guides of the brand. Behind walls
-- that hide the arms nobody may.
-- NOT IN makes one set of the held-out, however little the planner knows of rows just drawn.
WITH question AS (
    SELECT id
      FROM increment.experiments
     WHERE ended_at IS NULL
       AND (id = :experiment_id
            OR (kind = 'program' AND brand_id = :brand_id)
            OR (kind IN ('guide', 'journey', 'store') AND about_id = :about_id
                AND window_ends_at > :now)
            OR (kind = 'guide' AND unit = 'member' AND about_id IS NULL AND brand_id = :brand_id
                AND window_ends_at > :now
                AND EXISTS (SELECT FROM stores.staff WHERE staff.id = :about_id)))
)
SELECT unit.member_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[])
       WITH ORDINALITY AS unit (bucket, member_id, turn)
  JOIN base.wall
    ON wall.kind IN ('system', 'company')
    OR (wall.kind = 'member' AND wall.member_id = unit.member_id)
 WHERE (unit.bucket, unit.member_id) NOT IN (
           SELECT arms.bucket, arms.member_id
             FROM increment.arms
             JOIN question ON question.id = arms.experiment_id
            WHERE arms.bucket = ANY (:distinct_buckets::smallint[]) AND arms.arm = 'holdout')
 ORDER BY unit.turn;

-- name: held_out
SELECT arms.member_id, arms.experiment_id, experiments.brand_id, experiments.kind,
       experiments.code, experiments.window_ends_at AS until_at
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN increment.arms ON arms.bucket = unit.bucket AND arms.member_id = unit.member_id
  JOIN increment.experiments ON experiments.id = arms.experiment_id
 WHERE arms.arm = 'holdout' AND experiments.ended_at IS NULL
   AND (experiments.kind = 'program' OR experiments.window_ends_at > :now)
 ORDER BY arms.member_id, experiments.kind DESC, experiments.code;

-- name: known
SELECT members.id AS member_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN members.members
    ON members.bucket = unit.bucket AND members.id = unit.member_id
 WHERE members.erased_at IS NULL;

-- name: treated
-- across buckets: an experiment draws from everybody.
SELECT array_agg(member_id ORDER BY bucket, member_id)
  FROM increment.arms
 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id AND arm = 'treated';

-- name: count
-- across buckets: an experiment draws from everybody.
SELECT arm, count(*) AS members
  FROM increment.arms
 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
 GROUP BY arm
 ORDER BY arm;

-- name: expose
INSERT INTO increment.exposures (bucket, experiment_id, member_id, channel, exposed_at)
SELECT arms.bucket, arms.experiment_id, arms.member_id, :channel, :now
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN increment.arms ON arms.bucket = unit.bucket AND arms.member_id = unit.member_id
  JOIN increment.experiments ON experiments.id = arms.experiment_id
 WHERE experiments.id = :experiment_id
    OR (experiments.kind = 'program' AND experiments.brand_id = :brand_id
        AND experiments.ended_at IS NULL)
    OR (experiments.kind IN ('guide', 'journey', 'store') AND experiments.about_id = :about_id
        AND experiments.ended_at IS NULL)
    OR (experiments.kind = 'guide' AND experiments.unit = 'member'
        AND experiments.about_id IS NULL AND experiments.brand_id = :brand_id
        AND experiments.ended_at IS NULL
        AND EXISTS (SELECT FROM stores.staff WHERE staff.id = :about_id))
 ORDER BY arms.bucket, arms.experiment_id, arms.member_id
    ON CONFLICT (bucket, experiment_id, member_id, channel) DO NOTHING;

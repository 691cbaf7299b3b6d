-- name: merge
-- The arm that was drawn first is kept. Where both ids had one, one unit less is counted.
WITH pair AS (
    SELECT gone.experiment_id, gone.arm AS gone_arm, own.arm AS own_arm,
           CASE
               WHEN own.arm IS NULL THEN gone.arm
               WHEN (own.assigned_at, own.member_id) <= (gone.assigned_at, gone.member_id)
                   THEN own.arm
               ELSE gone.arm
           END AS kept_arm,
           least(own.assigned_at, gone.assigned_at) AS assigned_at
      FROM increment.arms AS gone
      LEFT JOIN increment.arms AS own
        ON own.bucket = :bucket AND own.member_id = :member_id
       AND own.experiment_id = gone.experiment_id
     WHERE gone.bucket = :gone_bucket AND gone.member_id = :gone_id
), kept AS (
    INSERT INTO increment.arms (bucket, experiment_id, member_id, arm, assigned_at)
    SELECT :bucket, experiment_id, :member_id, kept_arm, assigned_at
      FROM pair
        ON CONFLICT (bucket, experiment_id, member_id) DO UPDATE
       SET arm = EXCLUDED.arm, assigned_at = EXCLUDED.assigned_at
    RETURNING experiment_id
), counted AS (
    UPDATE increment.experiments
       SET drawn_count = drawn_count - 1
      FROM pair
     WHERE experiments.id = pair.experiment_id AND pair.own_arm IS NOT NULL
    RETURNING experiments.id
)
INSERT INTO increment.merges (
       bucket, experiment_id, member_id, gone_member_id, kept_arm, own_arm, gone_arm, merged_at)
SELECT :bucket, experiment_id, :member_id, :gone_id, kept_arm, own_arm, gone_arm, :now
  FROM pair
    ON CONFLICT (bucket, experiment_id, member_id, gone_member_id) DO NOTHING
RETURNING experiment_id, member_id, gone_member_id, kept_arm, own_arm, gone_arm, merged_at;

-- name: take_exposures
INSERT INTO increment.exposures (bucket, experiment_id, member_id, channel, exposed_at)
SELECT :bucket, experiment_id, :member_id, channel, exposed_at
  FROM increment.exposures
 WHERE bucket = :gone_bucket AND member_id = :gone_id
    ON CONFLICT (bucket, experiment_id, member_id, channel) DO UPDATE
   SET exposed_at = least(exposures.exposed_at, EXCLUDED.exposed_at);

-- name: take_books
-- One person is in one book: of two, that of the id who stays.
INSERT INTO increment.books (bucket, experiment_id, member_id, guide_id, store_id, region_id)
SELECT :bucket, experiment_id, :member_id, guide_id, store_id, region_id
  FROM increment.books
 WHERE bucket = :gone_bucket AND member_id = :gone_id
    ON CONFLICT (bucket, experiment_id, member_id) DO NOTHING;

-- name: drop_books
DELETE FROM increment.books
 WHERE bucket = :bucket AND member_id = :member_id;

-- name: drop_exposures
DELETE FROM increment.exposures
 WHERE bucket = :bucket AND member_id = :member_id;

-- name: drop_arms
DELETE FROM increment.arms
 WHERE bucket = :bucket AND member_id = :member_id;

-- name: of_experiment
-- across buckets: an experiment draws from everybody.
SELECT experiment_id, member_id, gone_member_id, kept_arm, own_arm, gone_arm, merged_at
  FROM increment.merges
 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
 ORDER BY merged_at DESC, member_id;

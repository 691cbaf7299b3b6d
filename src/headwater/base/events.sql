-- name: announce
INSERT INTO base.outbox (bucket, id, kind, body, announced_at)
SELECT bucket, id, kind, body, :now
  FROM unnest(:buckets::smallint[], :ids::uuid[], :kinds::text[], :bodies::jsonb[])
       AS fact (bucket, id, kind, body);

-- name: claim
-- SKIP LOCKED lets several workers take different facts; a killed worker's lock ends with it.
-- across buckets: a worker serves every member.
SELECT bucket, id, kind, body
  FROM base.outbox
 WHERE bucket >= :from_bucket
 ORDER BY bucket, id
 LIMIT :most
   FOR UPDATE SKIP LOCKED;

-- name: forget
DELETE FROM base.outbox
 USING unnest(:buckets::smallint[], :ids::uuid[]) AS done (bucket, id)
 WHERE outbox.bucket = done.bucket AND outbox.id = done.id;

-- name: set_aside
INSERT INTO base.missed_reactions
       (bucket, fact_id, reaction, kind, body, attempts, due_at, last_error)
VALUES (:bucket, :fact_id, :reaction, :kind, :body, 1, :due_at, :last_error)
    ON CONFLICT (bucket, fact_id, reaction) DO NOTHING;

-- name: claim_missed
-- across buckets: a worker serves every member.
SELECT bucket, fact_id, reaction, kind, body, attempts
  FROM base.missed_reactions
 WHERE due_at <= :now AND dead_at IS NULL
 ORDER BY due_at
 LIMIT :most
   FOR UPDATE SKIP LOCKED;

-- name: caught_up
DELETE FROM base.missed_reactions
 WHERE bucket = :bucket AND fact_id = :fact_id AND reaction = :reaction;

-- name: missed_again
UPDATE base.missed_reactions
   SET attempts = attempts + 1, due_at = :due_at, last_error = :last_error, dead_at = :dead_at
 WHERE bucket = :bucket AND fact_id = :fact_id AND reaction = :reaction;

-- name: dead
-- across buckets: one list for the engineer.
SELECT bucket, fact_id, reaction, kind, body, attempts, last_error, dead_at
  FROM base.missed_reactions
 WHERE dead_at IS NOT NULL
 ORDER BY dead_at DESC
 LIMIT :most;

-- name: revive
UPDATE base.missed_reactions
   SET dead_at = NULL, attempts = 0, due_at = :now
 WHERE bucket = :bucket AND fact_id = :fact_id AND reaction = :reaction AND dead_at IS NOT NULL;

-- name: waiting
-- across buckets: counts for the engineer's page.
SELECT (SELECT count(*) FROM base.outbox) AS facts,
       (SELECT count(*) FROM base.missed_reactions WHERE dead_at IS NULL) AS missed,
       (SELECT count(*) FROM base.missed_reactions WHERE dead_at IS NOT NULL) AS dead;

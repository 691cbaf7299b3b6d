-- name: enqueue
-- The key makes a repeat harmless: the same work is asked for once.
INSERT INTO base.jobs (id, kind, body, due_at, enqueued_at)
VALUES (:id, :kind, :body, :due_at, :now)
    ON CONFLICT (id) DO NOTHING;

-- name: claim
-- A lease, not a lock: the outside is called with no transaction open. A killed worker's lease
-- ends by itself, and the job is taken again. What an UPDATE gives back has no order of its own,
-- and what is due first must be done first, also within one turn.
-- Materialized, since a join may otherwise ask for the next row again and lease more than is told.
WITH taken AS MATERIALIZED (
    SELECT id
      FROM base.jobs
     WHERE dead_at IS NULL AND due_at <= :now
       AND (leased_until IS NULL OR leased_until < :now)
     ORDER BY due_at
     LIMIT :most
       FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE base.jobs
       SET leased_until = :leased_until, attempts = attempts + 1
      FROM taken
     WHERE jobs.id = taken.id
    RETURNING jobs.id, jobs.kind, jobs.body, jobs.attempts, jobs.due_at
)
SELECT id, kind, body, attempts
  FROM claimed
 ORDER BY due_at, id;

-- name: renew
-- Whoever took the job since then has counted one more attempt, and holds it now.
UPDATE base.jobs
   SET leased_until = :leased_until
 WHERE id = :id AND attempts = :attempts AND leased_until IS NOT NULL;

-- name: finish
DELETE FROM base.jobs WHERE id = :id;

-- name: postpone
-- Whoever took the job since then has counted one more attempt, and keeps the lease.
UPDATE base.jobs
   SET due_at = :due_at, leased_until = NULL, last_error = :last_error, dead_at = :dead_at
 WHERE id = :id AND attempts = :attempts;

-- name: dead
SELECT id, kind, body, attempts, last_error, dead_at
  FROM base.jobs
 WHERE dead_at IS NOT NULL
 ORDER BY dead_at DESC
 LIMIT :most;

-- name: revive
UPDATE base.jobs
   SET dead_at = NULL, attempts = 0, due_at = :now, leased_until = NULL
 WHERE id = :id AND dead_at IS NOT NULL;

-- name: wind
-- One worker at a time runs what the clock asks for; the row is the lease, and its end tells whose.
INSERT INTO base.clocks (name, next_at, leased_until)
VALUES (:name, :next_at, :leased_until)
    ON CONFLICT (name) DO UPDATE
   SET next_at = :next_at, leased_until = :leased_until
 WHERE clocks.next_at <= :now AND (clocks.leased_until IS NULL OR clocks.leased_until < :now)
RETURNING leased_until;

-- name: rewind
-- A lease that somebody else took meanwhile has another end, and stays theirs.
UPDATE base.clocks
   SET leased_until = :leased_until
 WHERE name = :name AND leased_until = :was
RETURNING leased_until;

-- name: unwind
UPDATE base.clocks SET leased_until = NULL WHERE name = :name AND leased_until = :was;

-- name: count
SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting,
       count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead
  FROM base.jobs;

-- name: kinds
-- What lies before the workers, by kind; a lease in the future means that somebody is at it.
SELECT kind,
       count(*) FILTER (WHERE dead_at IS NULL AND leased_until > :now) AS running,
       count(*) FILTER (WHERE dead_at IS NULL AND due_at <= :now
                          AND (leased_until IS NULL OR leased_until <= :now)) AS due,
       count(*) FILTER (WHERE dead_at IS NULL AND due_at > :now
                          AND (leased_until IS NULL OR leased_until <= :now)) AS later,
       count(*) FILTER (WHERE dead_at IS NULL AND last_error IS NOT NULL) AS failed,
       count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
       min(due_at) FILTER (WHERE dead_at IS NULL) AS first_due_at
  FROM base.jobs
 GROUP BY kind
 ORDER BY kind;

-- name: jobs
SELECT id, kind, due_at, leased_until, attempts, last_error, dead_at, enqueued_at
  FROM base.jobs
 WHERE :kind = '' OR kind = :kind
 ORDER BY dead_at IS NOT NULL, due_at, id
 LIMIT :most OFFSET :skip;

-- name: clocks
SELECT name, next_at, leased_until FROM base.clocks ORDER BY next_at, name;

-- name: revive_kind
UPDATE base.jobs
   SET dead_at = NULL, attempts = 0, due_at = :now, leased_until = NULL
 WHERE kind = :kind AND dead_at IS NOT NULL;

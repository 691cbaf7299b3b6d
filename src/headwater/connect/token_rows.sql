-- name: read
SELECT version, sealed, fresh_until, ends_at
  FROM connect.tokens
 WHERE name = :name;

-- name: take
-- The row is the lease. Who has not seen the newest version, or comes while another holds the
-- lease, touches nothing; a dead holder's lease is over when its moment has come.
INSERT INTO connect.tokens (name, refreshing_until, refreshing_by)
VALUES (:name, :until, :holder)
    ON CONFLICT (name) DO UPDATE
   SET refreshing_until = :until, refreshing_by = :holder
 WHERE tokens.version = :version
   AND (tokens.refreshing_until IS NULL OR tokens.refreshing_until <= :now)
RETURNING name;

-- name: put
-- Whoever was overtaken no longer holds the lease, and changes nothing.
UPDATE connect.tokens
   SET version = :version,
       sealed = :sealed,
       issued_at = :now,
       fresh_until = :fresh_until,
       ends_at = :ends_at,
       refreshing_until = NULL,
       refreshing_by = NULL
 WHERE name = :name AND refreshing_by = :holder;

-- name: give_up
UPDATE connect.tokens
   SET refreshing_until = :until,
       refreshing_by = CASE WHEN :until::timestamptz IS NULL THEN NULL ELSE refreshing_by END
 WHERE name = :name AND refreshing_by = :holder;

-- name: may_force
-- The write itself is the check of the budget and of the pause.
UPDATE connect.tokens
   SET forced_on = :day,
       forced_at = :now,
       forced_count = CASE WHEN forced_on = :day THEN forced_count + 1 ELSE 1 END
 WHERE name = :name
   AND (forced_at IS NULL OR forced_at <= :not_since)
   AND (forced_on IS DISTINCT FROM :day OR forced_count < :most)
RETURNING name;

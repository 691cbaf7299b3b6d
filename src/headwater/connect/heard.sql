-- name: first_time
-- The key closes the race of two copies: one of them writes the row.
INSERT INTO connect.heard (bucket, channel, digest, heard_at)
VALUES (:bucket, :channel, :digest, :now)
    ON CONFLICT (bucket, channel, digest) DO NOTHING
RETURNING heard_at;

-- name: forget_old
-- across buckets: every message grows old by the same clock.
DELETE FROM connect.heard WHERE heard_at < :before;

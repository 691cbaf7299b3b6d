-- name: report
INSERT INTO trade.incidents (bucket, id, order_id, kind, details, raised_at)
VALUES (:bucket, :id, :order_id, :kind, :details, :now)
    ON CONFLICT (bucket, id) DO NOTHING;

-- name: unsolved
-- across buckets: one list for the people who look after money.
SELECT id, order_id, kind, details, raised_at
  FROM trade.incidents
 WHERE solved_at IS NULL
 ORDER BY raised_at
 LIMIT :most;

-- name: solve
UPDATE trade.incidents
   SET solved_at = :now, solved_by = :by_whom
 WHERE bucket = :bucket AND id = :id AND solved_at IS NULL;

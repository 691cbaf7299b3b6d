-- name: count
-- One row a key and window; the write itself is the count.
INSERT INTO base.limits (key, window_start, count)
VALUES (:key, :window_start, 1)
    ON CONFLICT (key, window_start) DO UPDATE SET count = limits.count + 1
RETURNING count;

-- name: forget_old
DELETE FROM base.limits WHERE window_start < :before;

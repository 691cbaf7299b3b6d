-- name: beat
INSERT INTO connect.processes (id, seen_at)
VALUES (:id, :now)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at;

-- name: living
SELECT count(*) FROM connect.processes WHERE seen_at > :since;

-- name: leave
DELETE FROM connect.processes WHERE id = :id;

-- name: forget_dead
DELETE FROM connect.processes WHERE seen_at < :before;

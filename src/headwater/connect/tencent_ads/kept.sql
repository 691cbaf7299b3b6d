-- name: audience
SELECT audience_id FROM connect.audiences WHERE key = :key;

-- name: take
-- A lease that ended was somebody's who died on the way.
INSERT INTO connect.audiences (key, leased_until)
VALUES (:key, :leased_until)
    ON CONFLICT (key) DO UPDATE
   SET leased_until = excluded.leased_until
 WHERE audiences.audience_id IS NULL AND audiences.leased_until < :now
RETURNING key;

-- name: made
UPDATE connect.audiences
   SET audience_id = :audience_id, made_at = :now
 WHERE key = :key AND audience_id IS NULL;

-- name: audiences
SELECT key, audience_id FROM connect.audiences WHERE audience_id IS NOT NULL;

-- name: telling
SELECT set_id, since_at FROM connect.told_purchases WHERE until_at IS NULL;

-- name: begin_telling
INSERT INTO connect.told_purchases (set_id, since_at, begun_by)
VALUES (:set_id, :now, :by)
    ON CONFLICT DO NOTHING;

-- name: end_telling
UPDATE connect.told_purchases SET until_at = :now, ended_by = :by WHERE until_at IS NULL;

-- name: put
INSERT INTO catalog.pictures (subject_id, subject, small, medium, large, added_by, added_at)
VALUES (:subject_id, :subject, :small, :medium, :large, :added_by, :now)
    ON CONFLICT (subject_id) DO UPDATE
   SET small = excluded.small, medium = excluded.medium, large = excluded.large,
       added_by = excluded.added_by, added_at = excluded.added_at;

-- name: remove
DELETE FROM catalog.pictures
 WHERE subject_id = :subject_id
RETURNING small, medium, large;

-- name: of
SELECT small, medium, large FROM catalog.pictures WHERE subject_id = :subject_id;

-- name: of_locked
-- Two who upload at once come one after the other: the later lets go what the earlier put.
SELECT small, medium, large FROM catalog.pictures WHERE subject_id = :subject_id FOR UPDATE;

-- name: find
SELECT member_id FROM members.finders
 WHERE bucket = :bucket AND kind = :kind AND app_id = :app_id AND value_index = :value_index;

-- name: claim
-- Of two logins with one id at once, the key lets one in; the other reads who came first.
INSERT INTO members.finders (bucket, kind, app_id, value_index, member_id)
VALUES (:bucket, :kind, :app_id, :value_index, :member_id)
    ON CONFLICT (bucket, kind, app_id, value_index) DO NOTHING
RETURNING member_id;

-- name: link
INSERT INTO members.identities
       (bucket, id, member_id, kind, app_id, value_sealed, value_index, evidence, linked_at)
VALUES (:bucket, :id, :member_id, :kind, :app_id, :value_sealed, :value_index, :evidence, :now);

-- name: of_member
SELECT kind, app_id, value_sealed, value_index, evidence, linked_at
  FROM members.identities
 WHERE bucket = :bucket AND member_id = :member_id AND unlinked_at IS NULL
 ORDER BY linked_at;

-- name: unlink
-- The index goes as well: who knows the key could still ask whether a number was here.
WITH cut AS (
    SELECT id, kind, app_id, value_index
      FROM members.identities
     WHERE bucket = :bucket AND member_id = :member_id AND unlinked_at IS NULL
       FOR UPDATE
)
UPDATE members.identities
   SET unlinked_at = :now, value_sealed = ''::bytea, value_index = ''::bytea
  FROM cut
 WHERE identities.bucket = :bucket AND identities.id = cut.id
RETURNING cut.kind, cut.app_id, cut.value_index;

-- name: forget
DELETE FROM members.finders
 WHERE bucket = :bucket AND kind = :kind AND app_id = :app_id AND value_index = :value_index
   AND member_id = :member_id;

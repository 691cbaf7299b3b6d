-- name: keep_code
INSERT INTO members.phone_codes (bucket, phone_index, code_hash, tries_left, expires_at)
VALUES (:bucket, :phone_index, :code_hash, :tries, :expires_at)
    ON CONFLICT (bucket, phone_index) DO UPDATE
   SET code_hash = EXCLUDED.code_hash, tries_left = EXCLUDED.tries_left,
       expires_at = EXCLUDED.expires_at;

-- name: try_code
-- Each try costs one, also the right one: a code is good once.
UPDATE members.phone_codes
   SET tries_left = tries_left - 1
 WHERE bucket = :bucket AND phone_index = :phone_index AND tries_left > 0 AND expires_at > :now
RETURNING code_hash;

-- name: forget_code
DELETE FROM members.phone_codes WHERE bucket = :bucket AND phone_index = :phone_index;

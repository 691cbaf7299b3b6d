-- name: erase
UPDATE members.members
   SET name_sealed = NULL, phone_sealed = NULL, name_mask = '', phone_mask = '',
       external_id = NULL, erased_at = :now, sessions_from_at = :now
 WHERE bucket = :bucket AND id = :id AND erased_at IS NULL;

-- name: add
INSERT INTO connect.authorisations (bucket, person, template_id, authorised, changed_at)
VALUES (:bucket, :person, :template_id, 1, :now)
    ON CONFLICT (bucket, person, template_id) DO UPDATE
   SET authorised = authorisations.authorised + 1, changed_at = excluded.changed_at;

-- name: take
-- The condition is the check: of two who want the last one, the later finds none.
UPDATE connect.authorisations
   SET authorised = authorised - 1, changed_at = :now
 WHERE bucket = :bucket AND person = :person AND template_id = :template_id AND authorised > 0;

-- name: end
UPDATE connect.authorisations
   SET authorised = 0, changed_at = :now
 WHERE bucket = :bucket AND person = :person AND template_id = :template_id AND authorised > 0;

-- name: left
SELECT authorised
  FROM connect.authorisations
 WHERE bucket = :bucket AND person = :person AND template_id = :template_id;

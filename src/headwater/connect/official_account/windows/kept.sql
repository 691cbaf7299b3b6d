-- name: note
-- Pushes come in any order, so the latest moment of each kind stays.
INSERT INTO connect.windows (bucket, person, words_at, menu_at, followed_at, scanned_at, changed_at)
VALUES (:bucket, :person, :words_at, :menu_at, :followed_at, :scanned_at, :now)
    ON CONFLICT (bucket, person) DO UPDATE
   SET words_at = greatest(windows.words_at, excluded.words_at),
       menu_at = greatest(windows.menu_at, excluded.menu_at),
       followed_at = greatest(windows.followed_at, excluded.followed_at),
       scanned_at = greatest(windows.scanned_at, excluded.scanned_at),
       changed_at = excluded.changed_at;

-- name: window
SELECT words_at, menu_at, followed_at, scanned_at, sent_at
  FROM connect.windows
 WHERE bucket = :bucket AND person = :person;

-- name: window_locked
SELECT words_at, menu_at, followed_at, scanned_at, sent_at
  FROM connect.windows
 WHERE bucket = :bucket AND person = :person
   FOR UPDATE;

-- name: spend
-- What no window can count any more is dropped on the way.
UPDATE connect.windows
   SET sent_at = ARRAY(SELECT at FROM unnest(sent_at) AS at WHERE at >= :since ORDER BY at)
              || ARRAY[:now::timestamptz],
       changed_at = :now::timestamptz
 WHERE bucket = :bucket AND person = :person;

-- name: give_back
-- Only one of several that were said in one moment.
UPDATE connect.windows
   SET sent_at = ARRAY(SELECT at FROM unnest(sent_at) WITH ORDINALITY AS said (at, place)
                        WHERE place <> array_position(sent_at, :sent_at) ORDER BY place)
 WHERE bucket = :bucket AND person = :person AND :sent_at = ANY (sent_at);

-- name: forget_old
-- across buckets: the sweep of what closed long ago.
DELETE FROM connect.windows WHERE changed_at < :before;

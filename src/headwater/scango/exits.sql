-- name: let_out
-- The key is the compare-and-set: whoever writes the row lets out, and nobody does twice.
INSERT INTO scango.exits (bucket, order_id, store_id, staff_id, verdict, checked_at)
VALUES (:bucket, :order_id, :store_id, :staff_id, 'let_out', :now)
    ON CONFLICT (bucket, order_id) DO NOTHING;

-- name: earlier
SELECT verdict, checked_at
  FROM scango.exits
 WHERE bucket = :bucket AND order_id = :order_id;

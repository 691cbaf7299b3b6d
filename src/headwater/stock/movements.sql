-- name: move
-- One statement for a set: a cause that was booked before changes nothing. A counter that is
-- there is changed, not inserted upon: an INSERT of a minus fails its CHECK before it conflicts.
-- It is changed from its locked row, see holds.sql.
WITH moved AS (
    INSERT INTO stock.movements (store_id, variant_id, cause, kind, quantity, moved_at)
    SELECT store_id, variant_id, :cause, :kind, quantity, :now
      FROM unnest(:store_ids::uuid[], :variant_ids::uuid[], :quantities::int[])
           AS moved (store_id, variant_id, quantity)
     WHERE quantity <> 0
        ON CONFLICT (store_id, variant_id, cause) DO NOTHING
 RETURNING store_id, variant_id, quantity
), locked AS (
    SELECT levels.store_id, levels.variant_id, levels.on_hand, moved.quantity
      FROM stock.levels
      JOIN moved ON moved.store_id = levels.store_id AND moved.variant_id = levels.variant_id
     ORDER BY levels.store_id, levels.variant_id
       FOR UPDATE OF levels
), counted AS (
    UPDATE stock.levels
       SET on_hand = locked.on_hand + locked.quantity
      FROM locked
     WHERE levels.store_id = locked.store_id AND levels.variant_id = locked.variant_id
)
INSERT INTO stock.levels (store_id, variant_id, on_hand)
SELECT moved.store_id, moved.variant_id, moved.quantity
  FROM moved
 WHERE NOT EXISTS (SELECT FROM locked
                    WHERE locked.store_id = moved.store_id
                      AND locked.variant_id = moved.variant_id)
 ORDER BY moved.store_id, moved.variant_id
    ON CONFLICT (store_id, variant_id) DO UPDATE
   SET on_hand = levels.on_hand + EXCLUDED.on_hand;

-- name: drift
-- Where counters differ from what the movements and holds say; there must be no such row.
SELECT levels.store_id, levels.variant_id, levels.on_hand, levels.held,
       coalesce(moved.quantity, 0)::int AS moved, coalesce(kept.quantity, 0)::int AS kept
  FROM stock.levels
  LEFT JOIN (SELECT store_id, variant_id, sum(quantity) AS quantity
               FROM stock.movements GROUP BY store_id, variant_id) AS moved
    ON moved.store_id = levels.store_id AND moved.variant_id = levels.variant_id
  LEFT JOIN (SELECT store_id, variant_id, sum(quantity) AS quantity
               FROM stock.holds WHERE state = 'held' GROUP BY store_id, variant_id) AS kept
    ON kept.store_id = levels.store_id AND kept.variant_id = levels.variant_id
 WHERE levels.on_hand <> coalesce(moved.quantity, 0) OR levels.held <> coalesce(kept.quantity, 0);

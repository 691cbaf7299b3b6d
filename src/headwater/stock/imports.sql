-- name: below_held
SELECT levels.store_id, levels.variant_id, levels.held
  FROM unnest(:store_id::uuid[], :variant_id::uuid[], :quantity::int[])
       AS counted (store_id, variant_id, quantity)
  JOIN stock.levels
    ON levels.store_id = counted.store_id AND levels.variant_id = counted.variant_id
 WHERE levels.held > counted.quantity;

-- name: put_counts
-- The counters are locked in the order of their key, so that a sale in between waits and two
-- imports cannot wait for each other; then each movement is exactly the difference.
-- A counter that is there is changed: an INSERT of a minus fails its CHECK before it conflicts.
WITH counted AS (
    SELECT store_id, variant_id, quantity
      FROM unnest(:store_id::uuid[], :variant_id::uuid[], :quantity::int[])
           AS given (store_id, variant_id, quantity)
), locked AS (
    SELECT levels.store_id, levels.variant_id, levels.on_hand
      FROM stock.levels
      JOIN counted
        ON levels.store_id = counted.store_id AND levels.variant_id = counted.variant_id
     ORDER BY levels.store_id, levels.variant_id
       FOR UPDATE OF levels
), moved AS (
    INSERT INTO stock.movements (store_id, variant_id, cause, kind, quantity, moved_at)
    SELECT counted.store_id, counted.variant_id, :cause,
           CASE WHEN locked.on_hand IS NULL THEN 'receive' ELSE 'correct' END,
           counted.quantity - coalesce(locked.on_hand, 0), :now
      FROM counted
      LEFT JOIN locked
        ON locked.store_id = counted.store_id AND locked.variant_id = counted.variant_id
     WHERE counted.quantity <> coalesce(locked.on_hand, 0)
 RETURNING store_id, variant_id, quantity
), recounted AS (
    UPDATE stock.levels
       SET on_hand = counted.quantity
      FROM locked
      JOIN counted
        ON counted.store_id = locked.store_id AND counted.variant_id = locked.variant_id
     WHERE levels.store_id = locked.store_id AND levels.variant_id = locked.variant_id
       AND counted.quantity <> locked.on_hand
), received AS (
    INSERT INTO stock.levels (store_id, variant_id, on_hand)
    SELECT moved.store_id, moved.variant_id, moved.quantity
      FROM moved
     WHERE NOT EXISTS (SELECT FROM locked
                        WHERE locked.store_id = moved.store_id
                          AND locked.variant_id = moved.variant_id)
     ORDER BY moved.store_id, moved.variant_id
        ON CONFLICT (store_id, variant_id) DO UPDATE
       SET on_hand = levels.on_hand + EXCLUDED.on_hand
)
SELECT variant_id FROM moved;

-- name: totals
SELECT count(*)::int AS levels, coalesce(sum(on_hand), 0)::bigint AS pieces FROM stock.levels;

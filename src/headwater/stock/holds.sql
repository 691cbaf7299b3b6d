-- name: take
-- Rows are locked in key order, so that two orders of the same things never wait for each other.
-- A line that cannot be served leaves its level as it was; the caller sees it missing and rolls
-- back, and the constraints say no should this statement ever be wrong.
WITH wanted AS (
    SELECT variant_id, quantity
      FROM unnest(:variant_ids::uuid[], :quantities::int[]) AS wanted (variant_id, quantity)
), locked AS (
    SELECT levels.variant_id, wanted.quantity
      FROM stock.levels
      JOIN wanted ON wanted.variant_id = levels.variant_id
     WHERE levels.store_id = :store_id
     ORDER BY levels.variant_id
       FOR UPDATE OF levels
), set_aside AS (
    UPDATE stock.levels
       SET held = levels.held + locked.quantity
      FROM locked
     WHERE levels.store_id = :store_id
       AND levels.variant_id = locked.variant_id
       AND levels.on_hand - levels.held >= locked.quantity
 RETURNING levels.variant_id, locked.quantity
)
INSERT INTO stock.holds (store_id, variant_id, order_id, quantity, state, held_until)
SELECT :store_id, variant_id, :order_id, quantity, 'held', :held_until
  FROM set_aside
RETURNING variant_id;

-- name: undo
-- A part was taken and the rest was not there: what was taken goes back, and leaves no trace.
WITH undone AS (
    DELETE FROM stock.holds
     WHERE order_id = :order_id AND state = 'held'
 RETURNING store_id, variant_id, quantity
)
UPDATE stock.levels
   SET held = levels.held - undone.quantity
  FROM undone
 WHERE levels.store_id = undone.store_id AND levels.variant_id = undone.variant_id;

-- name: left_over
SELECT wanted.variant_id, greatest(coalesce(levels.on_hand - levels.held, 0), 0) AS free
  FROM unnest(:variant_ids::uuid[]) AS wanted (variant_id)
  LEFT JOIN stock.levels
    ON levels.store_id = :store_id AND levels.variant_id = wanted.variant_id;

-- name: sell
-- What was held leaves the shelf; each sale is one movement under the order's name.
WITH sold AS (
    UPDATE stock.holds
       SET state = 'sold'
     WHERE order_id = :order_id AND state = 'held'
 RETURNING store_id, variant_id, quantity
), locked AS (
    SELECT levels.store_id, levels.variant_id, sold.quantity
      FROM stock.levels
      JOIN sold ON sold.store_id = levels.store_id AND sold.variant_id = levels.variant_id
     ORDER BY levels.variant_id
       FOR UPDATE OF levels
), counted AS (
    UPDATE stock.levels
       SET on_hand = levels.on_hand - locked.quantity, held = levels.held - locked.quantity
      FROM locked
     WHERE levels.store_id = locked.store_id AND levels.variant_id = locked.variant_id
)
INSERT INTO stock.movements (store_id, variant_id, cause, kind, quantity, moved_at)
SELECT store_id, variant_id, 'order:' || :order_id::uuid, 'sell', -quantity, :now
  FROM sold
RETURNING variant_id;

-- name: release
WITH freed AS (
    UPDATE stock.holds
       SET state = 'released'
     WHERE order_id = ANY (:order_ids::uuid[]) AND state = 'held'
 RETURNING store_id, variant_id, quantity
), summed AS (
    SELECT store_id, variant_id, sum(quantity)::int AS quantity
      FROM freed
     GROUP BY store_id, variant_id
), locked AS (
    SELECT levels.store_id, levels.variant_id, summed.quantity
      FROM stock.levels
      JOIN summed ON summed.store_id = levels.store_id AND summed.variant_id = levels.variant_id
     ORDER BY levels.store_id, levels.variant_id
       FOR UPDATE OF levels
)
UPDATE stock.levels
   SET held = levels.held - locked.quantity
  FROM locked
 WHERE levels.store_id = locked.store_id AND levels.variant_id = locked.variant_id;

-- name: retake
-- Money came after the hold was let go: the same hold is taken again if the shelf allows.
WITH lost AS (
    SELECT store_id, variant_id, quantity
      FROM stock.holds
     WHERE order_id = :order_id AND state = 'released'
     ORDER BY variant_id
       FOR UPDATE
), locked AS (
    SELECT levels.store_id, levels.variant_id, lost.quantity
      FROM stock.levels
      JOIN lost ON lost.store_id = levels.store_id AND lost.variant_id = levels.variant_id
     ORDER BY levels.variant_id
       FOR UPDATE OF levels
), set_aside AS (
    UPDATE stock.levels
       SET held = levels.held + locked.quantity
      FROM locked
     WHERE levels.store_id = locked.store_id AND levels.variant_id = locked.variant_id
       AND levels.on_hand - levels.held >= locked.quantity
 RETURNING levels.store_id, levels.variant_id
)
UPDATE stock.holds
   SET state = 'held', held_until = :held_until
  FROM set_aside
 WHERE holds.order_id = :order_id
   AND holds.store_id = set_aside.store_id AND holds.variant_id = set_aside.variant_id
RETURNING holds.variant_id;

-- name: count_released
SELECT count(*) FROM stock.holds WHERE order_id = :order_id AND state = 'released';

-- name: stale
-- Holds whose end has passed and whose keys somebody is asking for now.
SELECT DISTINCT order_id
  FROM stock.holds
 WHERE store_id = :store_id AND variant_id = ANY (:variant_ids::uuid[])
   AND state = 'held' AND held_until < :now;

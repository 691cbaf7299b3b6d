-- One rule keeps orders from waiting for each other in a circle: a hold is written only by who
-- has locked its level, and levels are locked in the order of their keys. What is decided and what
-- is written comes from the locked rows: the statement's own snapshot may be older than they are,
-- and PostgreSQL checks constraints on a row made from that snapshot before it sees the newer one.

-- name: take
-- All that is wanted or nothing; the constraints say no should this statement ever be wrong.
WITH wanted AS (
    SELECT variant_id, quantity
      FROM unnest(:variant_ids::uuid[], :quantities::int[]) AS wanted (variant_id, quantity)
), locked AS (
    SELECT levels.variant_id, wanted.quantity, levels.on_hand, levels.held
      FROM stock.levels
      JOIN wanted ON wanted.variant_id = levels.variant_id
     WHERE levels.store_id = :store_id
     ORDER BY levels.variant_id
       FOR UPDATE OF levels
), allowed AS (
    SELECT count(*) FILTER (WHERE on_hand - held >= quantity)
           = (SELECT count(*) FROM wanted) AS is_all
      FROM locked
), set_aside AS (
    UPDATE stock.levels
       SET held = locked.held + locked.quantity
      FROM locked, allowed
     WHERE allowed.is_all
       AND levels.store_id = :store_id AND levels.variant_id = locked.variant_id
), kept AS (
    INSERT INTO stock.holds (store_id, variant_id, order_id, quantity, state, held_until)
    SELECT :store_id, locked.variant_id, :order_id, locked.quantity, 'held', :held_until
      FROM locked, allowed
     WHERE allowed.is_all
)
SELECT is_all FROM allowed;

-- name: release_stale
-- Holds whose end has passed go, for the variants that somebody asks for now; `take` has locked
-- their levels just before.
WITH freed AS (
    UPDATE stock.holds
       SET state = 'released'
     WHERE store_id = :store_id AND variant_id = ANY (:variant_ids::uuid[])
       AND state = 'held' AND held_until < :now
 RETURNING variant_id, quantity
), summed AS (
    SELECT variant_id, sum(quantity)::int AS quantity
      FROM freed
     GROUP BY variant_id
)
UPDATE stock.levels
   SET held = levels.held - summed.quantity
  FROM summed
 WHERE levels.store_id = :store_id AND levels.variant_id = summed.variant_id;

-- name: left_over
SELECT wanted.variant_id, greatest(coalesce(levels.on_hand - levels.held, 0), 0) AS free
  FROM unnest(:variant_ids::uuid[]) AS wanted (variant_id)
  LEFT JOIN stock.levels
    ON levels.store_id = :store_id AND levels.variant_id = wanted.variant_id;

-- name: sell
-- What was held leaves the shelf, and so does what was let go meanwhile, where the shelf still
-- has it: all of the order or nothing. Each sale is one movement under the order's name.
WITH kept AS (
    SELECT levels.store_id, levels.variant_id, holds.quantity, holds.state = 'held' AS is_held,
           levels.on_hand, levels.held
      FROM stock.levels
      JOIN stock.holds
        ON holds.store_id = levels.store_id AND holds.variant_id = levels.variant_id
     WHERE holds.order_id = :order_id AND holds.state <> 'sold'
     ORDER BY levels.store_id, levels.variant_id
       FOR UPDATE OF levels, holds
), allowed AS (
    SELECT coalesce(bool_and(is_held OR on_hand - held >= quantity), true) AS is_all FROM kept
), sold AS (
    UPDATE stock.holds
       SET state = 'sold'
      FROM kept, allowed
     WHERE allowed.is_all AND holds.order_id = :order_id
       AND holds.store_id = kept.store_id AND holds.variant_id = kept.variant_id
), counted AS (
    UPDATE stock.levels
       SET on_hand = kept.on_hand - kept.quantity,
           held = kept.held - CASE WHEN kept.is_held THEN kept.quantity ELSE 0 END
      FROM kept, allowed
     WHERE allowed.is_all
       AND levels.store_id = kept.store_id AND levels.variant_id = kept.variant_id
), moved AS (
    INSERT INTO stock.movements (store_id, variant_id, cause, kind, quantity, moved_at)
    SELECT kept.store_id, kept.variant_id, 'order:' || :order_id::uuid, 'sell', -kept.quantity,
           :now
      FROM kept, allowed
     WHERE allowed.is_all
)
SELECT is_all FROM allowed;

-- name: release
WITH freed AS (
    SELECT levels.store_id, levels.variant_id, levels.held, holds.order_id, holds.quantity
      FROM stock.levels
      JOIN stock.holds
        ON holds.store_id = levels.store_id AND holds.variant_id = levels.variant_id
     WHERE holds.order_id = ANY (:order_ids::uuid[]) AND holds.state = 'held'
     ORDER BY levels.store_id, levels.variant_id
       FOR UPDATE OF levels, holds
), released AS (
    UPDATE stock.holds
       SET state = 'released'
      FROM freed
     WHERE holds.order_id = freed.order_id
       AND holds.store_id = freed.store_id AND holds.variant_id = freed.variant_id
), summed AS (
    SELECT store_id, variant_id, held - sum(quantity)::int AS held
      FROM freed
     GROUP BY store_id, variant_id, held
)
UPDATE stock.levels
   SET held = summed.held
  FROM summed
 WHERE levels.store_id = summed.store_id AND levels.variant_id = summed.variant_id;

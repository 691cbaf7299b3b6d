-- name: turn_on
INSERT INTO pricing.switches (code, store_id, on_at)
SELECT :code, store_id, on_at
  FROM unnest(:store_ids::uuid[], :on_at::timestamptz[]) AS started (store_id, on_at)
    ON CONFLICT (code, store_id) DO NOTHING;

-- name: turn_off
UPDATE pricing.switches
   SET off_at = :now
 WHERE code = :code AND off_at IS NULL;

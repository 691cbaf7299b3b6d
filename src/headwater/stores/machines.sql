-- name: add
INSERT INTO stores.machines (name, key_hash, permissions, brand_ids, created_at)
VALUES (:name, :key_hash, :permissions, :brand_ids, :now)
    ON CONFLICT (name) DO NOTHING;

-- name: by_key
SELECT name, permissions, brand_ids
  FROM stores.machines
 WHERE key_hash = :key_hash AND ended_at IS NULL;

-- name: every
SELECT name, permissions, brand_ids
  FROM stores.machines
 WHERE ended_at IS NULL
 ORDER BY name;

-- name: end
UPDATE stores.machines
   SET ended_at = :now
 WHERE name = :name AND ended_at IS NULL;

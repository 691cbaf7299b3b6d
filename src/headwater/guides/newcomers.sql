-- name: guide_at_wecom
-- Somebody without a store of their own has no relations, since a relation lies in a store.
SELECT id, store_id, name
  FROM stores.staff
 WHERE wecom_user_id = :user_id AND left_at IS NULL AND store_id IS NOT NULL;

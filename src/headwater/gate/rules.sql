-- name: quiet_hours
SELECT purpose, from_hour, until_hour, source, dated
  FROM gate.quiet_hours
 WHERE purpose = :purpose;

-- name: budgets
SELECT channel, period, length, most, source, dated
  FROM gate.budgets
 ORDER BY channel, period, length;

-- name: set_budget
INSERT INTO gate.budgets (channel, period, length, most, source, dated)
VALUES (:channel, :period, :length, :most, :source, :dated)
    ON CONFLICT (channel, period, length) DO UPDATE
   SET most = :most, source = :source, dated = :dated;

-- name: open_channel
INSERT INTO gate.channels (channel, identity_kind, app_id, since_at)
VALUES (:channel, :identity_kind, :app_id, :now)
    ON CONFLICT (channel) DO UPDATE
   SET identity_kind = :identity_kind, app_id = :app_id, since_at = :now
 WHERE (channels.identity_kind, channels.app_id) <> (:identity_kind, :app_id);

-- name: channel
SELECT channel, identity_kind, app_id
  FROM gate.channels
 WHERE channel = :channel;

-- name: brand_of_store
SELECT brand_id
  FROM stores.stores
 WHERE id = :store_id;

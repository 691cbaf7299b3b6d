-- name: by_login
SELECT id, password_hash FROM stores.staff WHERE login = :login AND left_at IS NULL;

-- name: open_session
INSERT INTO stores.staff_sessions (token_hash, staff_id, created_at, expires_at)
VALUES (:token_hash, :staff_id, :now, :expires_at);

-- name: end_session
UPDATE stores.staff_sessions SET ended_at = :now
 WHERE token_hash = :token_hash AND ended_at IS NULL;

-- name: by_session
-- Somebody who left has no session any more, whatever the cookie says.
SELECT staff.id, staff.login, staff.name, staff.store_id, store.brand_id,
       coalesce((SELECT jsonb_agg(jsonb_build_array(
                       grants.role, grants.scope_kind, grants.scope_id))
                   FROM stores.grants
                  WHERE grants.staff_id = staff.id AND grants.ended_at IS NULL), '[]') AS grants
  FROM stores.staff_sessions AS session
  JOIN stores.staff ON staff.id = session.staff_id AND staff.left_at IS NULL
  LEFT JOIN stores.stores AS store ON store.id = staff.store_id
 WHERE session.token_hash = :token_hash AND session.ended_at IS NULL
   AND session.expires_at > :now;

-- name: add
INSERT INTO stores.staff
       (id, login, name, password_hash, wecom_user_id, store_id, is_demo_label, joined_at)
VALUES (:id, :login, :name, :password_hash, :wecom_user_id, :store_id, :is_demo_label, :now)
    ON CONFLICT DO NOTHING;

-- name: is_added
SELECT EXISTS (SELECT FROM stores.staff WHERE id = :id) AS is_added;

-- name: grant
INSERT INTO stores.grants (id, staff_id, role, scope_kind, scope_id, granted_at)
VALUES (:id, :staff_id, :role, :scope_kind, :scope_id, :now)
    ON CONFLICT (id) DO UPDATE SET granted_at = :now, ended_at = NULL
 WHERE grants.ended_at IS NOT NULL;

-- name: end_grant
UPDATE stores.grants SET ended_at = :now
 WHERE id = :id AND ended_at IS NULL;

-- name: leave
-- Who left has no session, no grant and no login any more.
WITH gone AS (
    UPDATE stores.staff SET left_at = :now, phone_index = NULL
     WHERE login = :login AND left_at IS NULL
 RETURNING id
), ended AS (
    UPDATE stores.staff_sessions SET ended_at = :now
      FROM gone
     WHERE staff_sessions.staff_id = gone.id AND staff_sessions.ended_at IS NULL
), taken AS (
    UPDATE stores.grants SET ended_at = :now
      FROM gone
     WHERE grants.staff_id = gone.id AND grants.ended_at IS NULL
)
SELECT id FROM gone;

-- name: know_phone
UPDATE stores.staff SET phone_index = :phone_index
 WHERE login = :login AND left_at IS NULL;

-- name: id_of
SELECT id FROM stores.staff WHERE login = :login AND left_at IS NULL;

-- name: listed
SELECT staff.id, staff.login, staff.name, staff.store_id,
       staff.password_hash IS NOT NULL AS has_password,
       coalesce((SELECT jsonb_agg(jsonb_build_array(
                       grants.role, grants.scope_kind, grants.scope_id))
                   FROM stores.grants
                  WHERE grants.staff_id = staff.id AND grants.ended_at IS NULL), '[]') AS grants
  FROM stores.staff
 WHERE staff.left_at IS NULL
 ORDER BY staff.login;

-- name: set_password
-- Whoever knew the old password is logged out everywhere.
WITH changed AS (
    UPDATE stores.staff SET password_hash = :password_hash
     WHERE login = :login AND left_at IS NULL
 RETURNING id
), ended AS (
    UPDATE stores.staff_sessions SET ended_at = :now
      FROM changed
     WHERE staff_sessions.staff_id = changed.id AND staff_sessions.ended_at IS NULL
)
SELECT id FROM changed;

-- name: visible_stores
SELECT id FROM stores.visible;

-- name: in_store
SELECT id, login, name, store_id, is_demo_label
  FROM stores.staff
 WHERE store_id = :store_id AND left_at IS NULL
 ORDER BY login;

-- name: first_with_role
SELECT staff.login
  FROM stores.staff
  JOIN stores.grants ON grants.staff_id = staff.id AND grants.ended_at IS NULL
 WHERE grants.role = :role AND staff.left_at IS NULL
 ORDER BY staff.login
 LIMIT 1;

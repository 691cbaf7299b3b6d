-- name: has_record
SELECT to_regclass('base.migrations') IS NOT NULL AS has_record;

-- name: applied
SELECT number, name, sha256
  FROM base.migrations
 ORDER BY number;

-- name: record
INSERT INTO base.migrations (number, name, sha256, applied_at)
VALUES (:number, :name, :sha256, now());

-- name: server
SELECT current_setting('server_version_num')::integer AS version,
       current_setting('server_encoding') AS encoding,
       current_user::text AS login;

-- name: app_role
-- A role that passes through walls would make row-level security a decoration.
SELECT rolsuper OR rolbypassrls AS passes_walls,
       pg_has_role(current_user, oid, 'MEMBER') AS is_ours
  FROM pg_catalog.pg_roles
 WHERE rolname = :role;

-- name: our_schemas
SELECT nspname::text AS name
  FROM pg_catalog.pg_namespace
 WHERE nspowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
   AND nspname NOT LIKE 'pg\_%'
   AND nspname <> 'public'
 ORDER BY nspname;

-- name: partitions
-- Row-level security stands on the whole table; a partition asked by its own name has none.
SELECT child.oid::regclass::text AS name
  FROM pg_catalog.pg_class AS child
 WHERE child.relispartition
   AND child.relkind IN ('r', 'p')
   AND child.relnamespace = CAST(:schema AS text)::regnamespace;

-- name: append_only
-- A table whose comment promises that it only grows; here the promise is kept.
SELECT class.oid::regclass::text AS name
  FROM pg_catalog.pg_class AS class
 WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition
   AND class.relnamespace = CAST(:schema AS text)::regnamespace
   AND obj_description(class.oid, 'pg_class') LIKE '%append-only%';

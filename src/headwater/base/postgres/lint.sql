-- name: tables
-- Every table of ours, partitions aside: its comment, its walls, its keys.
SELECT class.oid::regclass::text AS name,
       coalesce(obj_description(class.oid, 'pg_class'), '') AS comment,
       class.relrowsecurity AS has_walls,
       EXISTS (
           SELECT 1 FROM pg_catalog.pg_policy AS policy WHERE policy.polrelid = class.oid
       ) AS has_policy,
       EXISTS (
           SELECT 1
             FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = class.oid
              AND attribute.attname = 'bucket'
              AND attribute.atttypid = 'smallint'::regtype
              AND attribute.attnotnull
       ) AS has_bucket,
       class.relforcerowsecurity OR NOT pg_has_role(:app_role, class.relowner, 'MEMBER')
           AS walls_bind_the_application
  FROM pg_catalog.pg_class AS class
 WHERE class.relkind IN ('r', 'p')
   AND NOT class.relispartition
   AND class.relnamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
 ORDER BY 1;

-- name: unique_indexes
SELECT entry.indrelid::regclass::text AS table_name,
       entry.indexrelid::regclass::text AS name,
       entry.indisprimary AS is_primary,
       coalesce(attribute.attname::text, '') AS first_column
  FROM pg_catalog.pg_index AS entry
  JOIN pg_catalog.pg_class AS class ON class.oid = entry.indrelid
  LEFT JOIN pg_catalog.pg_attribute AS attribute
         ON attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[0]
 WHERE entry.indisunique
   AND NOT class.relispartition
   AND class.relnamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
 ORDER BY 1, 2;

-- name: foreign_keys
SELECT conrelid::regclass::text AS table_name,
       confrelid::regclass::text AS other_table,
       conname::text AS name
  FROM pg_catalog.pg_constraint
 WHERE contype = 'f'
   AND conparentid = 0
   AND connamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
 ORDER BY 1, 3;

-- name: forbidden_things
-- What no sharded PostgreSQL can spread, and what hides a rule where nobody looks for it.
SELECT tgrelid::regclass::text AS table_name, 'trigger ' || tgname AS thing
  FROM pg_catalog.pg_trigger
  JOIN pg_catalog.pg_class AS class ON class.oid = tgrelid
 WHERE NOT tgisinternal
   AND class.relnamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
UNION ALL
SELECT oid::regclass::text, 'sequence'
  FROM pg_catalog.pg_class
 WHERE relkind = 'S'
   AND relnamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
UNION ALL
SELECT conrelid::regclass::text, 'exclusion or deferred constraint ' || conname
  FROM pg_catalog.pg_constraint
 WHERE (contype = 'x' OR condeferrable)
   AND connamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
UNION ALL
SELECT oid::regprocedure::text, 'function'
  FROM pg_catalog.pg_proc
 WHERE pronamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
 ORDER BY 1, 2;

-- name: views_over
-- A view reads as its owner, who stands above the walls, unless it says otherwise.
SELECT DISTINCT rule.ev_class::regclass::text AS name,
       depend.refobjid::regclass::text AS table_name
  FROM pg_catalog.pg_depend AS depend
  JOIN pg_catalog.pg_rewrite AS rule ON rule.oid = depend.objid
  JOIN pg_catalog.pg_class AS view ON view.oid = rule.ev_class
 WHERE depend.classid = 'pg_rewrite'::regclass
   AND depend.refclassid = 'pg_class'::regclass
   AND depend.refobjid <> rule.ev_class
   AND NOT coalesce(view.reloptions @> ARRAY['security_invoker=true'], false)
   AND view.relnamespace = ANY (CAST(:schemas AS text[])::regnamespace[])
 ORDER BY 1, 2;

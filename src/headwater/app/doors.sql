-- name: newest_migration
SELECT max(number) FROM base.migrations;

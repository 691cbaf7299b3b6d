-- name: orders_roughly
-- How many orders there are, as the last ANALYZE saw them; less than none where it never looked.
-- across buckets: it is the size of the table.
SELECT reltuples::bigint FROM pg_class WHERE oid = 'trade.orders'::regclass;

-- name: past
-- Whoever bought nothing counts as well, as they will when the window is read.
-- across buckets: an audience comes from all of them.
WITH bought AS (
    SELECT coalesce(sum(orders.payable_fen - orders.refunded_fen)
                    FILTER (WHERE orders.paid_at >= :window_from), 0) AS y,
           coalesce(sum(orders.payable_fen)
                    FILTER (WHERE orders.paid_at < :window_from), 0) AS x
      FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
      LEFT JOIN (trade.orders
                 JOIN stores.stores
                   ON stores.id = orders.store_id AND stores.brand_id = :brand_id)
        ON orders.bucket = unit.bucket AND orders.member_id = unit.member_id
       AND orders.paid_at >= :before_from AND orders.paid_at < :now
     GROUP BY unit.bucket, unit.member_id
)
SELECT count(*) AS members, coalesce(sum(y), 0) AS y, coalesce(sum(y * y), 0) AS yy,
       coalesce(sum(x), 0) AS x, coalesce(sum(x * x), 0) AS xx, coalesce(sum(x * y), 0) AS xy
  FROM bought;

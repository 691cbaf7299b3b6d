-- name: rebuild
-- Only ever forward: a reaction that comes in between is not undone. Orders of an id that became
-- a member lie where they lay; what is remembered of them lies with the member.
INSERT INTO insight.preferences (bucket, member_id, category_id, bought_at)
SELECT coalesce(merges.bucket, orders.bucket), orders.member_id, products.category_id,
       max(orders.paid_at)
  FROM trade.orders
  JOIN trade.order_lines
    ON order_lines.bucket = orders.bucket AND order_lines.order_id = orders.id
  LEFT JOIN members.merges
    ON merges.member_id = orders.member_id AND merges.gone_bucket = orders.bucket
  JOIN catalog.variants ON variants.id = order_lines.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE orders.bucket BETWEEN :first_bucket AND :last_bucket
   AND order_lines.bucket BETWEEN :first_bucket AND :last_bucket
   AND orders.paid_at IS NOT NULL
 GROUP BY coalesce(merges.bucket, orders.bucket), orders.member_id, products.category_id
    ON CONFLICT (bucket, member_id, category_id) DO UPDATE
   SET bought_at = EXCLUDED.bought_at
 WHERE preferences.bought_at < EXCLUDED.bought_at;

-- name: note
-- In the order of the key, so that two batches wait for each other and do not deadlock.
INSERT INTO insight.preferences (bucket, member_id, category_id, bought_at)
SELECT coalesce(merges.bucket, orders.bucket), orders.member_id, products.category_id,
       max(orders.paid_at)
  FROM unnest(:buckets::smallint[], :order_ids::uuid[]) AS paid (bucket, order_id)
  JOIN trade.orders ON orders.bucket = paid.bucket AND orders.id = paid.order_id
  JOIN trade.order_lines
    ON order_lines.bucket = orders.bucket AND order_lines.order_id = orders.id
  LEFT JOIN members.merges
    ON merges.member_id = orders.member_id AND merges.gone_bucket = orders.bucket
  JOIN catalog.variants ON variants.id = order_lines.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE orders.paid_at IS NOT NULL
 GROUP BY coalesce(merges.bucket, orders.bucket), orders.member_id, products.category_id
 ORDER BY coalesce(merges.bucket, orders.bucket), orders.member_id, products.category_id
    ON CONFLICT (bucket, member_id, category_id) DO UPDATE
   SET bought_at = EXCLUDED.bought_at
 WHERE preferences.bought_at < EXCLUDED.bought_at;

-- name: follow
WITH gone AS (
    DELETE FROM insight.preferences
     WHERE bucket = :gone_bucket AND member_id = :gone_id
    RETURNING category_id, bought_at
)
INSERT INTO insight.preferences (bucket, member_id, category_id, bought_at)
SELECT :bucket, :member_id, category_id, bought_at
  FROM gone
 ORDER BY category_id
    ON CONFLICT (bucket, member_id, category_id) DO UPDATE
   SET bought_at = greatest(preferences.bought_at, EXCLUDED.bought_at);

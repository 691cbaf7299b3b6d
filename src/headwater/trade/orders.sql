-- name: of_member
-- Orders of an id that became this member lie where they lay.
SELECT orders.id, orders.number, orders.kind, orders.state, orders.store_id, orders.payable_fen,
       orders.refunded_fen, orders.placed_at, orders.due_at,
       (SELECT count(*) FROM trade.order_lines
         WHERE order_lines.bucket = orders.bucket AND order_lines.order_id = orders.id)::int
           AS lines
  FROM trade.orders
 WHERE orders.bucket = ANY (array(
           SELECT :bucket::smallint
            UNION ALL
           SELECT gone_bucket
             FROM members.merges
            WHERE bucket = :bucket AND member_id = :member_id))
   AND orders.member_id = :member_id
 ORDER BY orders.placed_at DESC
 LIMIT :most OFFSET :skip;

-- name: has_open
WITH home AS (
    SELECT :bucket::smallint AS bucket
     UNION ALL
    SELECT gone_bucket
      FROM members.merges
     WHERE bucket = :bucket AND member_id = :member_id
)
SELECT EXISTS (SELECT FROM trade.orders
                WHERE bucket IN (SELECT bucket FROM home) AND member_id = :member_id
                  AND state IN ('placed', 'paid'))
    OR EXISTS (SELECT FROM trade.refunds
                WHERE bucket IN (SELECT bucket FROM home) AND member_id = :member_id
                  AND state IN ('owed', 'asked', 'stuck'));

-- name: one
SELECT orders.id, orders.number, orders.kind, orders.state, orders.door, orders.fulfilment,
       orders.member_id, orders.store_id, orders.touch_code, orders.goods_fen,
       orders.discount_fen, orders.payable_fen, orders.refunded_fen, orders.placed_at,
       orders.due_at, orders.paid_at, orders.ended_at
  FROM trade.orders
 WHERE orders.bucket = :bucket AND orders.id = :order_id;

-- name: id_by_number
SELECT id FROM trade.orders WHERE bucket = :bucket AND number = :number;

-- name: lines
SELECT line.line_no, line.variant_id, products.id AS product_id, products.title_zh,
       products.title_en, products.size_label, categories.code AS category_code,
       pictures.small AS picture, line.quantity, line.unit_fen, line.goods_fen,
       line.discount_fen, line.payable_fen, line.refunded_fen, line.refunded_quantity, line.parts
  FROM trade.order_lines AS line
  JOIN catalog.variants ON variants.id = line.variant_id
  JOIN catalog.products ON products.id = variants.product_id
  JOIN catalog.categories ON categories.id = products.category_id
  LEFT JOIN catalog.pictures ON pictures.subject_id = products.id
 WHERE line.bucket = :bucket AND line.order_id = :order_id
 ORDER BY line.line_no;

-- name: log
SELECT from_state, to_state, why, by_whom, logged_at
  FROM trade.order_log
 WHERE bucket = :bucket AND order_id = :order_id
 ORDER BY id;

-- name: recent
-- across buckets: HQ lists orders of many members; the walls and the stores are the condition.
SELECT orders.id, orders.number, orders.kind, orders.state, orders.store_id, orders.payable_fen,
       orders.refunded_fen, orders.placed_at, orders.due_at, 0 AS lines
  FROM trade.orders
 WHERE orders.store_id = ANY (:store_ids::uuid[])
   AND (:state::text IS NULL OR orders.state = :state)
   AND (:before::timestamptz IS NULL OR orders.placed_at < :before)
 ORDER BY orders.placed_at DESC
 LIMIT :most;

-- name: hand_over
-- Not while all of its money is on the way back.
WITH handed AS (
    UPDATE trade.orders
       SET state = 'handed_over', ended_at = :now
     WHERE bucket = :bucket AND id = :order_id AND state = 'paid'
       AND (refunded_fen < payable_fen OR payable_fen = 0)
 RETURNING id
)
INSERT INTO trade.order_log (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
SELECT :bucket, id, :log_id, 'paid', 'handed_over', :why, :by_whom, :now
  FROM handed
RETURNING order_id;

-- name: lines_of_day
-- across buckets: the lake holds everybody's sales.
SELECT orders.id AS order_id, order_lines.line_no, orders.member_id, orders.store_id,
       order_lines.variant_id, order_lines.quantity, order_lines.goods_fen,
       order_lines.discount_fen, order_lines.payable_fen, order_lines.refunded_fen, orders.door,
       orders.paid_at
  FROM trade.orders
  JOIN trade.order_lines
    ON order_lines.bucket = orders.bucket AND order_lines.order_id = orders.id
 WHERE orders.bucket BETWEEN 0 AND 1023
   AND orders.paid_at >= :from_at AND orders.paid_at < :until_at
 ORDER BY orders.paid_at, orders.id, order_lines.line_no;

-- name: note
-- File and watermark move together: the row is written after its file, and names that file only.
INSERT INTO insight.exports (
       id, dataset, day, file, row_count, amount_fen, sha256, exported_at)
VALUES (:id, :dataset, :day, :file, :row_count, :amount_fen, :sha256, :now)
    ON CONFLICT (dataset, day) DO UPDATE
   SET file = EXCLUDED.file, row_count = EXCLUDED.row_count, amount_fen = EXCLUDED.amount_fen,
       sha256 = EXCLUDED.sha256, exported_at = EXCLUDED.exported_at
 WHERE exports.sha256 <> EXCLUDED.sha256;

-- name: of_day
SELECT id, dataset, day, file, row_count, amount_fen, sha256, exported_at
  FROM insight.exports
 WHERE dataset = :dataset AND day = :day;

-- name: exports
SELECT id, dataset, day, file, row_count, amount_fen, sha256, exported_at
  FROM insight.exports
 ORDER BY day DESC, dataset;

-- name: waiting_days
SELECT DISTINCT daily_sales.day
  FROM insight.daily_sales
 WHERE daily_sales.day < :today
   AND NOT EXISTS (
           SELECT
             FROM insight.exports
            WHERE exports.dataset = 'order_lines' AND exports.day = daily_sales.day)
 ORDER BY daily_sales.day
 LIMIT :most;

-- name: days_since
SELECT day
  FROM insight.exports
 WHERE dataset = 'order_lines' AND day >= :first
 ORDER BY day;

-- name: clear
DELETE FROM insight.daily_sales
 WHERE day BETWEEN :first AND :last;

-- name: count
-- Two rebuilds at once add up nothing twice: the key keeps the later one's figures.
-- across buckets: a store sells to everybody.
INSERT INTO insight.daily_sales (store_id, day, orders, units, paid_fen, refunded_fen)
SELECT sold.store_id, (sold.paid_at AT TIME ZONE 'Asia/Shanghai')::date,
       count(*), sum(coalesce(things.units, 0)), sum(sold.payable_fen), sum(sold.refunded_fen)
  FROM trade.orders AS sold
  LEFT JOIN (SELECT order_lines.bucket, order_lines.order_id, sum(order_lines.quantity) AS units
               FROM trade.order_lines
               JOIN trade.orders
                 ON orders.bucket = order_lines.bucket AND orders.id = order_lines.order_id
              WHERE orders.paid_at >= :from_at AND orders.paid_at < :until_at
              GROUP BY order_lines.bucket, order_lines.order_id) AS things
    ON things.bucket = sold.bucket AND things.order_id = sold.id
 WHERE sold.bucket BETWEEN 0 AND 1023
   AND sold.paid_at >= :from_at AND sold.paid_at < :until_at
 GROUP BY 1, 2
    ON CONFLICT (store_id, day) DO UPDATE
   SET orders = EXCLUDED.orders, units = EXCLUDED.units, paid_fen = EXCLUDED.paid_fen,
       refunded_fen = EXCLUDED.refunded_fen;

-- name: of_stores
SELECT day, sum(orders)::bigint AS orders, sum(units)::bigint AS units,
       sum(paid_fen)::bigint AS paid_fen, sum(refunded_fen)::bigint AS refunded_fen
  FROM insight.daily_sales
 WHERE store_id = ANY (:store_ids::uuid[]) AND day BETWEEN :first AND :last
 GROUP BY day
 ORDER BY day;

-- name: weeks_of
SELECT store_id, date_trunc('week', day)::date AS week,
       sum(paid_fen - refunded_fen)::bigint AS net_fen
  FROM insight.daily_sales
 WHERE store_id = ANY (:store_ids::uuid[]) AND day BETWEEN :first AND :last
 GROUP BY store_id, week
 ORDER BY store_id, week;

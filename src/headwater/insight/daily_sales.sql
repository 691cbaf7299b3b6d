-- name: clear
DELETE FROM insight.daily_sales
 WHERE day BETWEEN :first AND :last;

-- name: count
-- Two rebuilds at once add up nothing twice: the key keeps the later one's figures.
-- across buckets: a store sells to everybody. Lines are looked up order by order: what is known of
-- the newest days is always old, and a join planned for one order would go through all for each.
INSERT INTO insight.daily_sales (store_id, day, orders, units, paid_fen, refunded_fen)
SELECT sold.store_id, (sold.paid_at AT TIME ZONE 'Asia/Shanghai')::date,
       count(*), sum(coalesce(things.units, 0)), sum(sold.payable_fen), sum(sold.refunded_fen)
  FROM trade.orders AS sold
 CROSS JOIN LATERAL (SELECT sum(order_lines.quantity) AS units
                       FROM trade.order_lines
                      WHERE order_lines.bucket = sold.bucket
                        AND order_lines.order_id = sold.id) AS things
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

-- name: sold
-- across buckets: a brand sells to everybody.
SELECT coalesce(sum(orders.payable_fen - orders.refunded_fen), 0)::bigint AS sold_fen
  FROM trade.orders
  JOIN stores.stores ON stores.id = orders.store_id
 WHERE stores.brand_id = :brand_id AND orders.paid_at >= :from_at AND orders.paid_at < :until_at;

-- name: credited
-- By the scene in which the share was met; a relation alone is a scene of its own.
-- across buckets: guides serve everybody.
SELECT coalesce(shares.scene, credits.reason) AS scene, count(*) AS lines,
       sum(credits.credit_fen - credits.reversed_fen)::bigint AS credited_fen
  FROM guides.credits
  JOIN stores.stores ON stores.id = credits.store_id
  LEFT JOIN guides.shares ON shares.code = credits.share_code
 WHERE stores.brand_id = :brand_id
   AND credits.decided_at >= :from_at AND credits.decided_at < :until_at
 GROUP BY 1
 ORDER BY 3 DESC, 1;

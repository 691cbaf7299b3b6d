-- name: put_orders
-- An order of the past does not change: the key lets each in once.
INSERT INTO trade.orders
       (bucket, id, number, member_id, store_id, kind, state, door, fulfilment, goods_fen,
        discount_fen, payable_fen, external_id, placed_at, paid_at, ended_at)
SELECT bucket, id, number, member_id, store_id, 'store', 'handed_over', door, 'carried',
       goods_fen, discount_fen, payable_fen, external_id, placed_at, placed_at, placed_at
  FROM unnest(:bucket::smallint[], :id::uuid[], :number::text[], :member_id::uuid[],
              :store_id::uuid[], :door::text[], :goods_fen::bigint[], :discount_fen::bigint[],
              :payable_fen::bigint[], :external_id::text[], :placed_at::timestamptz[])
       AS given (bucket, id, number, member_id, store_id, door, goods_fen, discount_fen,
                 payable_fen, external_id, placed_at)
    ON CONFLICT (bucket, id) DO NOTHING
RETURNING id;

-- name: put_lines
-- Explanations come as one document, since a list of lists would be taken for a matrix.
INSERT INTO trade.order_lines
       (bucket, order_id, line_no, member_id, store_id, variant_id, quantity, unit_fen,
        goods_fen, discount_fen, payable_fen, parts)
SELECT bucket, order_id, line_no, member_id, store_id, variant_id, quantity, unit_fen,
       goods_fen, discount_fen, payable_fen, :parts::jsonb -> (place - 1)::int
  FROM unnest(:bucket::smallint[], :order_id::uuid[], :line_no::smallint[], :member_id::uuid[],
              :store_id::uuid[], :variant_id::uuid[], :quantity::int[], :unit_fen::bigint[],
              :goods_fen::bigint[], :discount_fen::bigint[], :payable_fen::bigint[])
       WITH ORDINALITY
       AS given (bucket, order_id, line_no, member_id, store_id, variant_id, quantity, unit_fen,
                 goods_fen, discount_fen, payable_fen, place);

-- name: put_log
INSERT INTO trade.order_log (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
SELECT bucket, order_id, id, NULL, 'handed_over', 'imported', 'import', logged_at
  FROM unnest(:bucket::smallint[], :order_id::uuid[], :id::uuid[], :logged_at::timestamptz[])
       AS given (bucket, order_id, id, logged_at);

-- name: here
SELECT orders.id, orders.payable_fen
  FROM unnest(:buckets::smallint[], :ids::uuid[]) AS asked (bucket, id)
  JOIN trade.orders ON orders.bucket = asked.bucket AND orders.id = asked.id;

-- name: sold_at_tills
SELECT orders.id AS order_id, line.line_no, orders.member_id, orders.store_id, line.variant_id,
       line.quantity, line.payable_fen, line.refunded_quantity, orders.placed_at AS sold_at
  FROM unnest(:buckets::smallint[], :ids::uuid[]) AS asked (bucket, id)
  JOIN trade.orders
    ON orders.bucket = asked.bucket AND orders.id = asked.id
   AND orders.kind = 'store' AND orders.external_id IS NOT NULL
  JOIN trade.order_lines AS line
    ON line.bucket = orders.bucket AND line.order_id = orders.id
 ORDER BY orders.id, line.line_no;

-- name: take_back
-- The constraints of the lines are the check: nothing comes back twice.
WITH given AS (
    SELECT bucket, order_id, line_no, sum(quantity)::int AS quantity,
           sum(amount_fen)::bigint AS amount_fen
      FROM unnest(:bucket::smallint[], :order_id::uuid[], :line_no::smallint[],
                  :quantity::int[], :amount_fen::bigint[])
           AS given (bucket, order_id, line_no, quantity, amount_fen)
     GROUP BY bucket, order_id, line_no
), lined AS (
    UPDATE trade.order_lines
       SET refunded_quantity = order_lines.refunded_quantity + given.quantity,
           refunded_fen = order_lines.refunded_fen + given.amount_fen
      FROM given
     WHERE order_lines.bucket = given.bucket AND order_lines.order_id = given.order_id
       AND order_lines.line_no = given.line_no
)
UPDATE trade.orders
   SET refunded_fen = orders.refunded_fen + summed.amount_fen
  FROM (SELECT bucket, order_id, sum(amount_fen)::bigint AS amount_fen
          FROM given GROUP BY bucket, order_id) AS summed
 WHERE orders.bucket = summed.bucket AND orders.id = summed.order_id;

-- name: sums
-- across buckets: an import proves that every fen of its source arrived.
WITH imported AS (
    SELECT bucket, id, payable_fen
      FROM trade.orders
     WHERE kind = 'store' AND starts_with(external_id, :prefix)
), lined AS (
    SELECT count(*)::int AS lines,
           coalesce(sum(line.goods_fen), 0)::bigint AS goods_fen,
           coalesce(sum(line.discount_fen), 0)::bigint AS discount_fen,
           coalesce(sum(line.payable_fen), 0)::bigint AS payable_fen
      FROM trade.order_lines AS line
      JOIN imported ON imported.bucket = line.bucket AND imported.id = line.order_id
), explained AS (
    SELECT coalesce(sum((part ->> 'fen')::bigint) FILTER (WHERE part ->> 'kind' = 'member'), 0)
               ::bigint AS member_fen,
           coalesce(sum((part ->> 'fen')::bigint) FILTER (WHERE part ->> 'kind' = 'match'), 0)
               ::bigint AS match_fen,
           coalesce(sum((part ->> 'paid')::bigint) FILTER (WHERE part ->> 'kind' = 'maker'), 0)
               ::bigint AS maker_fen
      FROM trade.order_lines AS line
      JOIN imported ON imported.bucket = line.bucket AND imported.id = line.order_id
     CROSS JOIN LATERAL jsonb_array_elements(line.parts) AS part
     WHERE line.parts <> '[]'
)
SELECT (SELECT count(*)::int FROM imported) AS orders, lined.lines, lined.goods_fen,
       lined.discount_fen, lined.payable_fen,
       (SELECT coalesce(sum(payable_fen), 0)::bigint FROM imported) AS orders_payable_fen,
       explained.member_fen, explained.match_fen, explained.maker_fen
  FROM lined, explained;

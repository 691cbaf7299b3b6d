-- What one order writes, as one call into the database: the limit that our path is held against.
-- It decides the same way: levels are locked in order, too little is refused, and everything
-- stands or falls together. Only the benchmark has it; the product keeps its rules in Python.
CREATE SCHEMA bench;

CREATE TABLE bench.shelf (n integer PRIMARY KEY, variant_id uuid NOT NULL);
CREATE TABLE bench.crowd (n integer PRIMARY KEY, member_id uuid NOT NULL, bucket smallint NOT NULL);

CREATE FUNCTION bench.new_id(bucket smallint) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (left(uuid::text, 32) || lpad(to_hex((('x' || right(uuid::text, 4))::bit(16)::int
            & 64512) | bucket), 4, '0'))::uuid
      FROM gen_random_uuid() AS uuid
$$;

CREATE FUNCTION bench.place_order(
    the_store uuid, member_n integer, first_n integer, second_n integer
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    who       bench.crowd%ROWTYPE;
    first_id  uuid;
    second_id uuid;
    order_id  uuid;
    brand     uuid;
    first_fen bigint;
    second_fen bigint;
    taken     integer;
BEGIN
    SELECT * INTO who FROM bench.crowd WHERE n = member_n;
    SELECT variant_id INTO first_id FROM bench.shelf WHERE n = least(first_n, second_n);
    SELECT variant_id INTO second_id FROM bench.shelf WHERE n = greatest(first_n, second_n);
    SELECT brand_id INTO brand FROM stores.stores WHERE id = the_store;
    SELECT price_fen INTO first_fen FROM pricing.prices
     WHERE variant_id = first_id AND place_id = brand;
    SELECT price_fen INTO second_fen FROM pricing.prices
     WHERE variant_id = second_id AND place_id = brand;
    order_id := bench.new_id(who.bucket);
    INSERT INTO trade.orders (bucket, id, number, member_id, store_id, kind, state, door,
           fulfilment, goods_fen, discount_fen, payable_fen, placed_at, due_at)
    VALUES (who.bucket, order_id, left(order_id::text, 12), who.member_id, the_store, 'normal',
            'placed', 'website', 'pickup', first_fen + second_fen, 0, first_fen + second_fen,
            now(), now() + interval '15 minutes');
    INSERT INTO trade.order_lines (bucket, order_id, line_no, member_id, store_id, variant_id,
           quantity, unit_fen, goods_fen, discount_fen, payable_fen)
    VALUES (who.bucket, order_id, 1, who.member_id, the_store, first_id, 1, first_fen, first_fen,
            0, first_fen),
           (who.bucket, order_id, 2, who.member_id, the_store, second_id, 1, second_fen,
            second_fen, 0, second_fen);
    INSERT INTO trade.payables (bucket, order_id, member_id, amount_fen)
    VALUES (who.bucket, order_id, who.member_id, first_fen + second_fen);
    INSERT INTO trade.order_log
           (bucket, order_id, id, from_state, to_state, why, by_whom, logged_at)
    VALUES (who.bucket, order_id, bench.new_id(who.bucket), NULL, 'placed', 'website', 'member',
            now());
    UPDATE stock.levels SET held = held + 1
     WHERE store_id = the_store AND variant_id = first_id AND on_hand - held >= 1;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken = 0 THEN RAISE EXCEPTION 'sold out'; END IF;
    UPDATE stock.levels SET held = held + 1
     WHERE store_id = the_store AND variant_id = second_id AND on_hand - held >= 1;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken = 0 THEN RAISE EXCEPTION 'sold out'; END IF;
    INSERT INTO stock.holds (store_id, variant_id, order_id, quantity, state, held_until)
    VALUES (the_store, first_id, order_id, 1, 'held', now() + interval '15 minutes'),
           (the_store, second_id, order_id, 1, 'held', now() + interval '15 minutes');
    INSERT INTO base.outbox (bucket, id, kind, body, announced_at)
    VALUES (who.bucket, bench.new_id(who.bucket), 'OrderPlaced',
            jsonb_build_object('order_id', order_id, 'member_id', who.member_id), now());
    RETURN order_id;
END
$$;

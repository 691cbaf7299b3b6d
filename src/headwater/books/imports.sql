-- name: put
INSERT INTO books.transfers
       (bucket, id, debit_account, credit_account, amount_fen, business_key, member_id, booked_at)
SELECT bucket, id, :debit, credit, amount_fen, business_key, member_id, booked_at
  FROM unnest(:bucket::smallint[], :id::uuid[], :credit::text[], :amount_fen::bigint[],
              :business_key::text[], :member_id::uuid[], :booked_at::timestamptz[])
       AS given (bucket, id, credit, amount_fen, business_key, member_id, booked_at)
    ON CONFLICT (bucket, business_key) DO NOTHING;

-- name: put_back
-- Told which are new, so that what goes with them is written once too.
INSERT INTO books.transfers
       (bucket, id, debit_account, credit_account, amount_fen, business_key, member_id, booked_at)
SELECT bucket, id, debit, :credit, amount_fen, business_key, member_id, booked_at
  FROM unnest(:bucket::smallint[], :id::uuid[], :debit::text[], :amount_fen::bigint[],
              :business_key::text[], :member_id::uuid[], :booked_at::timestamptz[])
       AS given (bucket, id, debit, amount_fen, business_key, member_id, booked_at)
    ON CONFLICT (bucket, business_key) DO NOTHING
RETURNING business_key;

-- name: known_keys
SELECT transfers.business_key
  FROM unnest(:buckets::smallint[], :keys::text[]) AS asked (bucket, business_key)
  JOIN books.transfers
    ON transfers.bucket = asked.bucket AND transfers.business_key = asked.business_key;

-- name: booked
-- across buckets: an import adds up what it booked for everybody.
SELECT count(*)::int AS rows, coalesce(sum(amount_fen), 0)::bigint AS amount_fen
  FROM books.transfers
 WHERE debit_account = :debit AND starts_with(business_key, :prefix);

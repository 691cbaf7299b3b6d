-- name: book
-- The business key is used once: a repeat books nothing.
INSERT INTO books.transfers
       (bucket, id, debit_account, credit_account, amount_fen, business_key, member_id, booked_at)
VALUES (:bucket, :id, :debit, :credit, :amount_fen, :business_key, :member_id, :now)
    ON CONFLICT (bucket, business_key) DO NOTHING;

-- name: book_many
-- The business key is used once, here as there, also within one set.
INSERT INTO books.transfers
       (bucket, id, debit_account, credit_account, amount_fen, business_key, member_id, booked_at)
SELECT bucket, id, debit_account, credit_account, amount_fen, business_key, member_id, booked_at
  FROM unnest(:buckets::smallint[], :ids::uuid[], :debits::text[], :credits::text[],
              :amounts_fen::bigint[], :business_keys::text[], :member_ids::uuid[],
              :booked_ats::timestamptz[])
           AS moved (bucket, id, debit_account, credit_account, amount_fen, business_key,
                     member_id, booked_at)
    ON CONFLICT (bucket, business_key) DO NOTHING;

-- name: balance
-- across buckets: an account gathers the movements of many members.
SELECT coalesce(sum(CASE WHEN debit_account = :account THEN amount_fen END), 0)::bigint
           AS debit_fen,
       coalesce(sum(CASE WHEN credit_account = :account THEN amount_fen END), 0)::bigint
           AS credit_fen
  FROM books.transfers
 WHERE debit_account = :account OR credit_account = :account;

-- name: trial
-- across buckets: the whole company's books on one page.
SELECT account, sum(debit_fen)::bigint AS debit_fen, sum(credit_fen)::bigint AS credit_fen
  FROM (SELECT split_part(debit_account, ':', 1) || ':' || split_part(debit_account, ':', 2)
                   AS account,
               amount_fen AS debit_fen, 0::bigint AS credit_fen
          FROM books.transfers
         UNION ALL
        SELECT split_part(credit_account, ':', 1) || ':' || split_part(credit_account, ':', 2),
               0, amount_fen
          FROM books.transfers) AS side
 GROUP BY account
 ORDER BY account;

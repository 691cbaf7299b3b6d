-- name: booked
-- across buckets: an import adds up what it booked for everybody.
SELECT count(*)::int AS rows, coalesce(sum(amount_fen), 0)::bigint AS amount_fen
  FROM books.transfers
 WHERE debit_account = :debit AND starts_with(business_key, :prefix);

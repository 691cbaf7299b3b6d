-- name: accrue
INSERT INTO guides.commissions
       (bucket, order_id, guide_id, store_id, member_id, amount_fen, state, due_at, accrued_at)
SELECT bucket, order_id, guide_id, store_id, member_id, amount_fen, 'pending', due_at, accrued_at
  FROM unnest(:buckets::smallint[], :order_ids::uuid[], :guide_ids::uuid[], :store_ids::uuid[],
              :member_ids::uuid[], :amounts_fen::bigint[], :due_ats::timestamptz[],
              :accrued_ats::timestamptz[])
           AS owed (bucket, order_id, guide_id, store_id, member_id, amount_fen, due_at,
                    accrued_at)
    ON CONFLICT (bucket, order_id, guide_id) DO NOTHING
RETURNING commissions.order_id, commissions.guide_id;

-- name: refunded
SELECT DISTINCT refunds.order_id
  FROM unnest(:buckets::smallint[], :order_ids::uuid[]) AS paid (bucket, order_id)
  JOIN trade.refunds ON refunds.bucket = paid.bucket AND refunds.order_id = paid.order_id
 WHERE refunds.state = 'done';

-- name: concerned
SELECT DISTINCT back.order_id
  FROM unnest(:buckets::smallint[], :order_ids::uuid[]) AS back (bucket, order_id)
  JOIN guides.commissions
    ON commissions.bucket = back.bucket AND commissions.order_id = back.order_id;

-- name: reverse_credits
-- A credit of a whole line goes back as far as the line's money did, once the refund is done;
-- never forward again.
WITH back AS (
    SELECT refund_lines.line_no, sum(refund_lines.amount_fen)::bigint AS amount_fen
      FROM trade.refunds
      JOIN trade.refund_lines
        ON refund_lines.bucket = refunds.bucket AND refund_lines.refund_id = refunds.id
     WHERE refunds.bucket = :bucket AND refunds.order_id = :order_id AND refunds.state = 'done'
     GROUP BY refund_lines.line_no
)
UPDATE guides.credits
   SET reversed_fen = least(credits.credit_fen, back.amount_fen)
  FROM back
 WHERE credits.bucket = :bucket AND credits.order_id = :order_id
   AND credits.line_no = back.line_no
   AND credits.reversed_fen < least(credits.credit_fen, back.amount_fen);

-- name: behind
-- Orders whose refunds took back more than their credits know: a refund that was heard while the
-- credit of the same order was being written found nothing to take back.
-- across buckets: the clock takes what is due, whoever it belongs to.
SELECT DISTINCT refunds.order_id, refunds.member_id
  FROM trade.refunds
  JOIN guides.credits ON credits.bucket = refunds.bucket AND credits.order_id = refunds.order_id
 WHERE refunds.state = 'done' AND refunds.settled_at >= :since
   AND credits.reversed_fen < least(credits.credit_fen, (
           SELECT coalesce(sum(back.amount_fen), 0)
             FROM trade.refund_lines AS back
             JOIN trade.refunds AS done
               ON done.bucket = back.bucket AND done.id = back.refund_id AND done.state = 'done'
            WHERE done.bucket = refunds.bucket AND done.order_id = refunds.order_id
              AND back.line_no = credits.line_no));

-- name: standing
-- FOR UPDATE: two refunds of one order take turns here.
WITH kept AS (
    SELECT guide_id, state, amount_fen, clawed_fen
      FROM guides.commissions
     WHERE bucket = :bucket AND order_id = :order_id
       FOR UPDATE
)
SELECT kept.guide_id, kept.state, kept.amount_fen, kept.clawed_fen,
       sum(credits.credit_fen)::bigint AS credit_fen,
       sum(credits.reversed_fen)::bigint AS reversed_fen
  FROM kept
  JOIN guides.credits
    ON credits.bucket = :bucket AND credits.order_id = :order_id
   AND credits.guide_id = kept.guide_id
 GROUP BY kept.guide_id, kept.state, kept.amount_fen, kept.clawed_fen;

-- name: claw
UPDATE guides.commissions
   SET clawed_fen = clawed_fen + :back_fen,
       state = CASE WHEN clawed_fen + :back_fen = amount_fen THEN 'clawed_back' ELSE state END
 WHERE bucket = :bucket AND order_id = :order_id AND guide_id = :guide_id;

-- name: ripen
-- across buckets: the clock takes what is due, whoever it belongs to, and nobody waits for it.
WITH due AS (
    SELECT bucket, order_id, guide_id
      FROM guides.commissions
     WHERE state = 'pending' AND due_at <= :now
     ORDER BY bucket, due_at
     LIMIT :most
       FOR UPDATE SKIP LOCKED
)
UPDATE guides.commissions
   SET state = 'payable', due_at = NULL
  FROM due
 WHERE commissions.bucket = due.bucket AND commissions.order_id = due.order_id
   AND commissions.guide_id = due.guide_id
RETURNING commissions.order_id, commissions.member_id, commissions.guide_id,
          commissions.amount_fen - commissions.clawed_fen AS left_fen;

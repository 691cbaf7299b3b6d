-- name: money
-- across buckets: a guide earns with members of many buckets.
WITH credited AS (
    SELECT coalesce(sum(credit_fen), 0)::bigint AS credit_fen,
           coalesce(sum(reversed_fen), 0)::bigint AS reversed_fen,
           count(DISTINCT order_id)::int AS orders
      FROM guides.credits
     WHERE guide_id = :guide_id AND decided_at >= :from_at
), earned AS (
    SELECT coalesce(sum(amount_fen - clawed_fen) FILTER (WHERE state IN ('pending', 'frozen')), 0)
               ::bigint AS pending_fen,
           coalesce(sum(amount_fen - clawed_fen) FILTER (WHERE state = 'payable'), 0)
               ::bigint AS payable_fen,
           coalesce(sum(amount_fen - clawed_fen) FILTER (WHERE state = 'paid'), 0)
               ::bigint AS paid_fen,
           coalesce(sum(clawed_fen), 0)::bigint AS clawed_fen
      FROM guides.commissions
     WHERE guide_id = :guide_id AND accrued_at >= :from_at
)
SELECT credited.credit_fen, credited.reversed_fen, credited.orders, earned.pending_fen,
       earned.payable_fen, earned.paid_fen, earned.clawed_fen
  FROM credited, earned;

-- name: credited
-- across buckets: a guide earns with members of many buckets.
SELECT credits.order_number, products.title_zh, products.title_en, credits.quantity,
       credits.credit_fen, credits.reversed_fen, credits.reason, credits.basis_at,
       credits.share_code, credits.policy_version, credits.decided_at
  FROM guides.credits
  JOIN catalog.variants ON variants.id = credits.variant_id
  JOIN catalog.products ON products.id = variants.product_id
 WHERE credits.guide_id = :guide_id AND credits.decided_at >= :from_at
   AND (:share_code::text IS NULL OR credits.share_code = :share_code)
 ORDER BY credits.decided_at DESC, credits.order_id, credits.line_no
 LIMIT :most;

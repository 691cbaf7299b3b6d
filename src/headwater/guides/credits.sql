-- name: concerned
SELECT paid.order_id
  FROM unnest(:buckets::smallint[], :order_ids::uuid[], :member_ids::uuid[], :touch_codes::text[])
           AS paid (bucket, order_id, member_id, touch_code)
 WHERE EXISTS (SELECT FROM guides.shares WHERE shares.code = paid.touch_code)
    OR EXISTS (SELECT FROM guides.touches
                WHERE touches.bucket = paid.bucket AND touches.member_id = paid.member_id)
    OR EXISTS (SELECT FROM guides.relations
                WHERE relations.bucket = paid.bucket AND relations.member_id = paid.member_id);

-- name: touched
-- What the member opened within the window, and the share that the order itself carries when no
-- touch of it was written. Who had left by then earns nothing.
SELECT seen.guide_id, seen.store_id, seen.touched_at, seen.share_code, shares.scene
  FROM (SELECT touches.guide_id, touches.store_id, touches.touched_at, touches.share_code
          FROM guides.touches
         WHERE touches.bucket = :bucket AND touches.member_id = :member_id
           AND touches.touched_at > :from_at AND touches.touched_at <= :paid_at
         UNION ALL
        SELECT carried.guide_id, carried.store_id, orders.placed_at, carried.code
          FROM guides.shares AS carried
          JOIN trade.orders ON orders.bucket = :bucket AND orders.id = :order_id
         WHERE carried.code = :touch_code
           AND NOT EXISTS (SELECT FROM guides.touches
                            WHERE touches.bucket = :bucket
                              AND touches.member_id = :member_id
                              AND touches.share_code = :touch_code
                              AND touches.touched_at <= :paid_at)) AS seen
  JOIN guides.shares ON shares.code = seen.share_code
  JOIN stores.staff ON staff.id = seen.guide_id
 WHERE staff.left_at IS NULL OR staff.left_at > :paid_at;

-- name: related
-- The relation as it stood before this order, which may have made one itself.
SELECT relations.guide_id, relations.store_id, relations.since_at
  FROM guides.relations
  JOIN stores.staff ON staff.id = relations.guide_id
 WHERE relations.bucket = :bucket AND relations.member_id = :member_id
   AND relations.since_at < :paid_at
   AND (relations.ended_at IS NULL OR relations.ended_at >= :paid_at)
   AND (staff.left_at IS NULL OR staff.left_at > :paid_at)
 ORDER BY relations.since_at DESC
 LIMIT 1;

-- name: lines
SELECT lines.line_no, lines.variant_id, lines.quantity, lines.payable_fen,
       orders.number AS order_number
  FROM trade.order_lines AS lines
  JOIN trade.orders ON orders.bucket = lines.bucket AND orders.id = lines.order_id
 WHERE lines.bucket = :bucket AND lines.order_id = :order_id
 ORDER BY lines.line_no;

-- name: record
-- Decided once: whatever was written first for this order stays.
INSERT INTO guides.credits
       (bucket, order_id, line_no, guide_id, store_id, member_id, variant_id, quantity,
        order_number, credit_fen, reason, basis_at, share_code, policy_version, decided_at)
SELECT :bucket, :order_id, decided.line_no, decided.guide_id, decided.store_id, :member_id,
       decided.variant_id, decided.quantity, decided.order_number, decided.credit_fen,
       decided.reason, decided.basis_at, decided.share_code, :policy_version, :now
  FROM unnest(:line_nos::smallint[], :variant_ids::uuid[], :quantities::integer[],
              :order_numbers::text[], :guide_ids::uuid[], :store_ids::uuid[],
              :credits_fen::bigint[], :reasons::text[], :basis_ats::timestamptz[],
              :share_codes::text[])
           AS decided (line_no, variant_id, quantity, order_number, guide_id, store_id,
                       credit_fen, reason, basis_at, share_code)
 WHERE NOT EXISTS (SELECT FROM guides.credits
                    WHERE credits.bucket = :bucket AND credits.order_id = :order_id)
    ON CONFLICT (bucket, order_id, line_no, guide_id) DO NOTHING;

-- name: concerned
SELECT paid.order_id
  FROM unnest(:homes::smallint[], :order_ids::uuid[], :member_ids::uuid[], :touch_codes::text[])
           AS paid (home, order_id, member_id, touch_code)
 WHERE EXISTS (SELECT FROM guides.shares WHERE shares.code = paid.touch_code)
    OR EXISTS (SELECT FROM guides.touches
                WHERE touches.bucket = paid.home AND touches.member_id = paid.member_id)
    OR EXISTS (SELECT FROM guides.relations
                WHERE relations.bucket = paid.home AND relations.member_id = paid.member_id);

-- name: touched
-- What each member opened within the window, and the share that an order itself carries when no
-- touch of it was written. Who had left by then earns nothing; who buys with the phone that a guide
-- shops with is that guide.
SELECT paid.order_id, seen.guide_id, seen.store_id, seen.touched_at, seen.share_code, shares.scene,
       staff.phone_index IS NOT NULL
       AND EXISTS (SELECT FROM members.identities AS own
                    WHERE own.bucket = paid.home AND own.member_id = paid.member_id
                      AND own.kind = 'phone' AND own.value_index = staff.phone_index
                      AND own.unlinked_at IS NULL) AS is_own
  FROM unnest(:buckets::smallint[], :homes::smallint[], :order_ids::uuid[], :member_ids::uuid[],
              :touch_codes::text[], :from_ats::timestamptz[], :paid_ats::timestamptz[])
           AS paid (bucket, home, order_id, member_id, touch_code, from_at, paid_at)
 CROSS JOIN LATERAL (
        SELECT touches.guide_id, touches.store_id, touches.touched_at, touches.share_code
          FROM guides.touches
         WHERE touches.bucket = paid.home AND touches.member_id = paid.member_id
           AND touches.touched_at > paid.from_at AND touches.touched_at <= paid.paid_at
         UNION ALL
        SELECT carried.guide_id, carried.store_id, orders.placed_at, carried.code
          FROM guides.shares AS carried
          JOIN trade.orders ON orders.bucket = paid.bucket AND orders.id = paid.order_id
         WHERE carried.code = paid.touch_code
           AND NOT EXISTS (SELECT FROM guides.touches
                            WHERE touches.bucket = paid.home
                              AND touches.member_id = paid.member_id
                              AND touches.share_code = paid.touch_code
                              AND touches.touched_at <= paid.paid_at)) AS seen
  JOIN guides.shares ON shares.code = seen.share_code
  JOIN stores.staff ON staff.id = seen.guide_id
 WHERE staff.left_at IS NULL OR staff.left_at > paid.paid_at;

-- name: related
-- Each relation as it stood before its order, which may have made one itself.
SELECT paid.order_id, known.guide_id, known.store_id, known.since_at,
       known.phone_index IS NOT NULL
       AND EXISTS (SELECT FROM members.identities AS own
                    WHERE own.bucket = paid.home AND own.member_id = paid.member_id
                      AND own.kind = 'phone' AND own.value_index = known.phone_index
                      AND own.unlinked_at IS NULL) AS is_own
  FROM unnest(:homes::smallint[], :order_ids::uuid[], :member_ids::uuid[],
              :paid_ats::timestamptz[])
           AS paid (home, order_id, member_id, paid_at)
 CROSS JOIN LATERAL (
        SELECT relations.guide_id, relations.store_id, relations.since_at, staff.phone_index
          FROM guides.relations
          JOIN stores.staff ON staff.id = relations.guide_id
         WHERE relations.bucket = paid.home AND relations.member_id = paid.member_id
           AND relations.since_at < paid.paid_at
           AND (relations.ended_at IS NULL OR relations.ended_at >= paid.paid_at)
           AND (staff.left_at IS NULL OR staff.left_at > paid.paid_at)
         ORDER BY relations.since_at DESC
         LIMIT 1) AS known;

-- name: lines
SELECT lines.line_no, lines.variant_id, lines.quantity, lines.payable_fen,
       orders.number AS order_number, lines.order_id
  FROM unnest(:buckets::smallint[], :order_ids::uuid[]) AS paid (bucket, order_id)
  JOIN trade.orders ON orders.bucket = paid.bucket AND orders.id = paid.order_id
  JOIN trade.order_lines AS lines ON lines.bucket = orders.bucket AND lines.order_id = orders.id
 ORDER BY lines.line_no;

-- name: record
-- Decided once: whatever was written first for an order stays.
INSERT INTO guides.credits
       (bucket, order_id, line_no, guide_id, store_id, member_id, variant_id, quantity,
        order_number, credit_fen, reason, basis_at, share_code, policy_version, decided_at)
SELECT decided.bucket, decided.order_id, decided.line_no, decided.guide_id, decided.store_id,
       decided.member_id, decided.variant_id, decided.quantity, decided.order_number,
       decided.credit_fen, decided.reason, decided.basis_at, decided.share_code,
       decided.policy_version, decided.decided_at
  FROM unnest(:buckets::smallint[], :order_ids::uuid[], :member_ids::uuid[],
              :policy_versions::integer[], :decided_ats::timestamptz[], :line_nos::smallint[],
              :variant_ids::uuid[], :quantities::integer[], :order_numbers::text[],
              :guide_ids::uuid[], :store_ids::uuid[], :credits_fen::bigint[], :reasons::text[],
              :basis_ats::timestamptz[], :share_codes::text[])
           AS decided (bucket, order_id, member_id, policy_version, decided_at, line_no,
                       variant_id, quantity, order_number, guide_id, store_id, credit_fen,
                       reason, basis_at, share_code)
 WHERE NOT EXISTS (SELECT FROM guides.credits
                    WHERE credits.bucket = decided.bucket
                      AND credits.order_id = decided.order_id)
    ON CONFLICT (bucket, order_id, line_no, guide_id) DO NOTHING
RETURNING credits.order_id;

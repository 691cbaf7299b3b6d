-- name: follow
-- One claim a person in a sale: of two the second waits where it lies, until the first is freed.
WITH gone AS (
    DELETE FROM deals.flash_claims
     USING members.merges
     WHERE merges.bucket = :bucket AND merges.member_id = :member_id
       AND flash_claims.bucket = merges.gone_bucket
       AND flash_claims.member_id = merges.gone_member_id
       AND NOT EXISTS (SELECT FROM deals.flash_claims AS own
                        WHERE own.bucket = :bucket AND own.member_id = :member_id
                          AND own.sale_id = flash_claims.sale_id)
    RETURNING flash_claims.sale_id, flash_claims.order_id, flash_claims.quantity,
              flash_claims.claimed_at
)
INSERT INTO deals.flash_claims (bucket, sale_id, member_id, order_id, quantity, claimed_at)
SELECT :bucket, sale_id, :member_id, order_id, quantity, claimed_at
  FROM gone
    ON CONFLICT (bucket, sale_id, member_id) DO NOTHING;

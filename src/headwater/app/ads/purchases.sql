-- name: phones
SELECT DISTINCT ON (identities.member_id) identities.member_id, identities.value_sealed
  FROM unnest(:buckets::smallint[], :member_ids::uuid[]) AS unit (bucket, member_id)
  JOIN members.identities
    ON identities.bucket = unit.bucket AND identities.member_id = unit.member_id
   AND identities.kind = 'phone' AND identities.unlinked_at IS NULL
 ORDER BY identities.member_id, identities.linked_at DESC;

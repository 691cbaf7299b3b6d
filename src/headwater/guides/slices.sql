-- name: books
-- Whose customer every member of the brand's guides is at the moment.
-- across buckets: a guide knows members of many buckets.
SELECT relations.member_id, relations.guide_id, stores.id AS store_id, stores.region_id
  FROM guides.relations
  JOIN stores.staff ON staff.id = relations.guide_id AND staff.left_at IS NULL
  JOIN stores.stores ON stores.id = staff.store_id AND stores.brand_id = :brand_id
  JOIN members.members
    ON members.bucket = relations.bucket AND members.id = relations.member_id
   AND members.erased_at IS NULL
 WHERE relations.bucket BETWEEN 0 AND 1023 AND relations.ended_at IS NULL;

-- name: names
SELECT id, name
  FROM stores.staff
 WHERE id = ANY (:guide_ids::uuid[]);

-- name: latest
SELECT id
  FROM increment.experiments
 WHERE brand_id = :brand_id AND kind = 'guide' AND unit = 'member' AND about_id IS NULL
 ORDER BY launched_at DESC
 LIMIT 1;

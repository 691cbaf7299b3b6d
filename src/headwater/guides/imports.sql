-- name: put_relations
-- A member has one guide at a time: whoever knows them already stays.
INSERT INTO guides.relations
       (bucket, member_id, guide_id, store_id, source, since_at, protected_until)
SELECT bucket, member_id, guide_id, store_id, :source, since_at, protected_until
  FROM unnest(:bucket::smallint[], :member_id::uuid[], :guide_id::uuid[], :store_id::uuid[],
              :since_at::timestamptz[], :protected_until::timestamptz[])
       AS given (bucket, member_id, guide_id, store_id, since_at, protected_until)
    ON CONFLICT DO NOTHING;

-- name: write
-- Once: a book stays what it was when the question was put.
INSERT INTO increment.books (bucket, experiment_id, member_id, guide_id, store_id, region_id)
SELECT bucket, :experiment_id, member_id, guide_id, store_id, region_id
  FROM unnest(:buckets::smallint[], :member_ids::uuid[], :guide_ids::uuid[], :store_ids::uuid[],
              :region_ids::uuid[]) AS entry (bucket, member_id, guide_id, store_id, region_id)
    ON CONFLICT (bucket, experiment_id, member_id) DO NOTHING;

-- name: guides
-- In the order in which the sums count them.
-- across buckets: a guide knows members of many buckets.
SELECT guide_id, min(store_id::text)::uuid AS store_id, min(region_id::text)::uuid AS region_id
  FROM increment.books
 WHERE bucket BETWEEN 0 AND 1023 AND experiment_id = :experiment_id
 GROUP BY guide_id
 ORDER BY guide_id;

-- name: latest
SELECT id, place, experiment_id, entry, state, why, look_no, alpha_spent, standard_error, p,
       estimate_fen, low_fen, high_fen, lift_share, lift_low_share, lift_high_share, treated_count,
       holdout_count, details, method, code_version, true_at, read_at, previous_hash, hash
  FROM increment.readings
 WHERE experiment_id = :experiment_id AND entry = 'guides'
 ORDER BY place DESC
 LIMIT 1;

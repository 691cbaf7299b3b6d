-- name: in_force
SELECT version, from_at, touch_days, protect_days, precedence, rate_per_10_000, freeze_days,
       self_purchase
  FROM guides.policies
 WHERE from_at <= :at
 ORDER BY from_at DESC, version DESC
 LIMIT 1;

-- name: history
SELECT version, from_at, touch_days, protect_days, precedence, rate_per_10_000, freeze_days,
       self_purchase
  FROM guides.policies
 ORDER BY from_at DESC, version DESC;

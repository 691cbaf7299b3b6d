-- name: some_sealed
-- A few ids of people, to see whether these keys open what lies in this database.
-- across buckets: any will do.
SELECT value_sealed FROM members.identities LIMIT 20;

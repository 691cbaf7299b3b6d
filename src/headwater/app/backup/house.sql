-- name: some_sealed
-- A few ids of people, to see whether these keys open what lies in this database.
SELECT value_sealed FROM members.identities LIMIT 20 /* every bucket */;

-- name: purge_tombstones(now)!
-- Second part of purge_tombstones: the marks of owners erased an hour ago.
DELETE FROM erased_owners WHERE unixepoch(erased_at) < unixepoch(:now) - 3600

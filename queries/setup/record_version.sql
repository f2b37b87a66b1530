-- name: record_version(version, checksum)!
-- 1, once it is recorded that the schema has this version; the first version has no checksum.
-- param checksum: str | None
INSERT INTO runinsights_schema (version, checksum) VALUES (:version, :checksum)

-- name: instance_secret
SELECT secret FROM instance WHERE id = 1;

-- name: insert_instance
INSERT INTO instance (id, secret, created_at) VALUES (1, ?, ?);

-- name: map_file @sqlite
-- As far as SQLite was built to allow, 2 GiB in Debian.
PRAGMA mmap_size = 1099511627776;

-- name: map_file @mariadb
DO 0;

-- name: unmap_file @sqlite
PRAGMA mmap_size = 0;

-- name: unmap_file @mariadb
DO 0;

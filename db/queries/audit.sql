-- name: audit_head @sqlite
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: audit_head @mariadb
-- Writers of the chain wait for one another here.
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1 FOR UPDATE;

-- name: insert_audit
INSERT INTO audit (seq, at, actor, action, object, before_hash, after_hash, detail, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: audit_all
SELECT seq, at, actor, action, object, before_hash, after_hash, detail, hash FROM audit ORDER BY seq;

-- name: audit_of_object
SELECT seq, at, actor, action, object, before_hash, after_hash, detail, hash FROM audit
 WHERE ? = '' OR object = ? ORDER BY seq DESC LIMIT ?;

-- name: audit_last
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

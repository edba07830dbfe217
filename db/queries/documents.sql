-- name: document_head
-- The newest version of a definition.
SELECT id, version, hash, content, created_by FROM documents
 WHERE kind = ? AND name = ? ORDER BY version DESC LIMIT 1;

-- name: document_by_id
SELECT kind, name, version, hash, content, created_by FROM documents WHERE id = ?;

-- name: insert_document
INSERT INTO documents (kind, name, version, hash, content, created_at, created_by)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: document_heads
SELECT d.id, d.name, d.version, d.hash, d.content, d.created_by FROM documents d
 WHERE d.kind = ?
   AND d.version = (SELECT MAX(x.version) FROM documents x WHERE x.kind = d.kind AND x.name = d.name)
 ORDER BY d.name;

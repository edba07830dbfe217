-- Received faxes: the pages themselves, beside their row in `inbound`. Base64, as mails are.

-- name: insert_inbound_document @sqlite
INSERT INTO inbound_documents (source, external_id, sha256, bytes, content) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_inbound_document @mariadb
INSERT IGNORE INTO inbound_documents (source, external_id, sha256, bytes, content) VALUES (?, ?, ?, ?, ?);

-- name: newest_inbound_documents
SELECT i.id, i.source, i.sender, i.recipient, i.at, c.external_id, d.bytes, d.sha256
  FROM inbound_documents d JOIN inbound i ON i.source = d.source AND i.external_id = d.external_id
       LEFT JOIN clients c ON c.id = i.client_id
 ORDER BY i.id DESC LIMIT ?;

-- name: inbound_document
SELECT d.content FROM inbound_documents d JOIN inbound i ON i.source = d.source AND i.external_id = d.external_id WHERE i.id = ?;

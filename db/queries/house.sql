-- header: api_queries
-- What operators ask the program itself for over the API.

-- name: close_report_mails
-- Of a report that is no more: what has begun is settled by who sends it.
UPDATE report_mails SET state = 'refused', detail = 'the report was removed' WHERE schedule = ? AND state = 'due';

-- name: house_mails_before
-- For people: what came in and what it was taken for, newest first; `unmatched`: only what no message is known of.
SELECT id, source, kind, matched_by, sender, subject, reason, at FROM inbound_mails
 WHERE id < ? AND (? = 0 OR message_id IS NULL) ORDER BY id DESC LIMIT ?;

-- name: house_faxes_before
SELECT i.id, i.source, i.sender, i.recipient, i.at, c.external_id, d.bytes, d.sha256
  FROM inbound_documents d JOIN inbound i ON i.source = d.source AND i.external_id = d.external_id
       LEFT JOIN clients c ON c.id = i.client_id
 WHERE i.id < ? ORDER BY i.id DESC LIMIT ?;

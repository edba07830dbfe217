-- header: api_queries
-- name: erased_digests
SELECT digest FROM erased_subjects;

-- name: insert_erased @sqlite
INSERT OR IGNORE INTO erased_subjects (digest, at) VALUES (?, ?);

-- name: insert_erased @mariadb
INSERT IGNORE INTO erased_subjects (digest, at) VALUES (?, ?);

-- name: erase_request_keys
-- Answers kept for a repeated request may name the client or an address.
DELETE FROM request_keys WHERE INSTR(answer, ?) > 0;

-- name: erase_client
-- The row stays, for the numbers of reports: branch, value class and what was sent; nothing that names a person.
UPDATE clients SET external_id = ?, last_name = NULL, first_name = NULL, middle_name = NULL, company_name = NULL, gender = NULL,
       birth_date = NULL, birth_md = NULL, time_zone = NULL, manager = NULL, status = 'inactive', income_minor = NULL,
       occupation = NULL, industry = NULL, household = NULL, search_name = '', mix = 0, import_id = NULL, updated_at = ?
 WHERE id = ?;

-- name: erase_attributes
DELETE FROM client_attributes WHERE client_id = ?;

-- name: erase_relations
DELETE FROM relations WHERE client_id = ? OR related_id = ?;

-- name: erase_duplicates
DELETE FROM duplicates WHERE client_id = ? OR other_id = ?;

-- name: erase_contacts
DELETE FROM contacts WHERE client_id = ?;

-- name: erase_consents
DELETE FROM consents WHERE client_id = ?;

-- name: erase_consent_history
DELETE FROM consent_history WHERE client_id = ?;

-- name: erase_contracts
DELETE FROM contracts WHERE client_id = ?;

-- name: addresses_to_erase
-- Addresses now and of what was ever sent; `shared`: another client has it, too.
SELECT a.address, CASE WHEN EXISTS (SELECT 1 FROM contacts o WHERE o.address = a.address AND o.client_id <> ?) THEN 1 ELSE 0 END AS shared
  FROM (SELECT address FROM contacts WHERE client_id = ?
        UNION
        SELECT c.address FROM message_contents c JOIN messages m ON m.id = c.message_id WHERE m.client_id = ?) a;

-- name: erase_suppression
DELETE FROM suppressions WHERE subject = ? AND value = ?;

-- name: erase_open_messages
UPDATE messages SET state = 'cancelled', reason = 'erased', finished_at = ?, fence = NULL
 WHERE client_id = ? AND state IN ('planned', 'held', 'queued', 'deferred');

-- name: erase_message_words
-- What providers said may name the address; our own reasons have no blanks.
UPDATE messages SET provider_ref = NULL, reason = CASE WHEN reason LIKE '% %' OR reason LIKE '%@%' THEN 'erased' ELSE reason END
 WHERE client_id = ?;

-- name: erase_message_contents
DELETE FROM message_contents WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_message_events
UPDATE message_events SET reason = 'erased'
 WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?) AND reason IS NOT NULL;

-- name: erase_receipts
UPDATE receipts SET reason = NULL, raw = '' WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_recalls
UPDATE message_recalls SET answer = 'erased'
 WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?) AND answer IS NOT NULL;

-- name: erase_inbound_documents
DELETE FROM inbound_documents WHERE EXISTS (SELECT 1 FROM inbound i
 WHERE i.source = inbound_documents.source AND i.external_id = inbound_documents.external_id AND i.client_id = ?);

-- name: erase_inbound
UPDATE inbound SET sender = '', text = '', raw = '' WHERE client_id = ?;

-- name: erase_inbound_of_address
UPDATE inbound SET sender = '', text = '', raw = '' WHERE sender = ?;

-- name: erase_mails
UPDATE inbound_mails SET address = NULL, sender = '', subject = '', diagnostic = '', reason = '', text = '', raw = ''
 WHERE client_id = ? OR message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_mails_of_address
UPDATE inbound_mails SET address = NULL, sender = '', subject = '', diagnostic = '', reason = '', text = '', raw = ''
 WHERE address = ? OR sender = ?;

-- name: erase_calls
UPDATE call_tasks SET note = NULL, manager = NULL, state = 'closed', disposition = COALESCE(disposition, 'erased'),
       closed_at = COALESCE(closed_at, ?)
 WHERE client_id = ?;

-- name: erase_call_results
UPDATE call_results SET raw = '' WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_page_actions
UPDATE page_actions SET raw = '' WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_tracking
UPDATE tracking_events SET network = '' WHERE message_id IN (SELECT id FROM messages WHERE client_id = ?);

-- name: erase_events @sqlite
UPDATE events SET payload = '{}', event_key = 'erased:' || id WHERE client_id = ?;

-- name: erase_events @mariadb
UPDATE events SET payload = '{}', event_key = CONCAT('erased:', id) WHERE client_id = ?;

-- name: erase_responses @sqlite
UPDATE responses SET detail = NULL, external_id = 'erased:' || id WHERE client_id = ?;

-- name: erase_responses @mariadb
UPDATE responses SET detail = NULL, external_id = CONCAT('erased:', id) WHERE client_id = ?;

-- name: erase_conversions @sqlite
UPDATE conversions SET external_id = 'erased:' || id WHERE client_id = ?;

-- name: erase_conversions @mariadb
UPDATE conversions SET external_id = CONCAT('erased:', id) WHERE client_id = ?;

-- name: erase_tasks
UPDATE manager_tasks SET text = '', manager = NULL, done_at = COALESCE(done_at, ?) WHERE client_id = ?;

-- name: export_client
SELECT external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date, locale, time_zone, branch, manager,
       status, income_minor, value_class, occupation, industry, household, created_at, updated_at FROM clients WHERE id = ?;

-- name: export_attributes
SELECT name, text_value, number_value FROM client_attributes WHERE client_id = ? ORDER BY name;

-- name: export_contacts
SELECT channel, address, priority, verified, state, preferred, updated_at FROM contacts WHERE client_id = ? ORDER BY number;

-- name: export_relations
SELECT r.kind, c.external_id AS related FROM relations r JOIN clients c ON c.id = r.related_id WHERE r.client_id = ?;

-- name: export_consents
SELECT channel, purpose, granted, at, source, proof, recorded_at FROM consent_history WHERE client_id = ? ORDER BY id;

-- name: export_suppressions
SELECT subject, value, channel, purpose, reason, source, at FROM suppressions
 WHERE (subject = 'client' AND value = (SELECT external_id FROM clients WHERE id = ?))
    OR (subject = 'address' AND value IN (SELECT address FROM contacts WHERE client_id = ?));

-- name: export_contracts
SELECT external_id, kind, product, status, currency, amount_minor, balance_minor, opened_on, closed_on, expires_on,
       next_payment_on, next_payment_minor, overdue_minor, overdue_since FROM contracts WHERE client_id = ? ORDER BY id;

-- name: export_messages
SELECT m.id, g.name AS campaign, m.step, m.channel, m.state, m.reason, m.due_at, m.submitted_at, m.finished_at, m.provider_ref,
       x.address, x.locale, x.composed_at, x.data AS merge_data
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id LEFT JOIN message_contents x ON x.message_id = m.id
 WHERE m.client_id = ? ORDER BY m.id;

-- name: export_inbound
SELECT source, sender, recipient, kind, text, at FROM inbound WHERE client_id = ? ORDER BY id;

-- name: export_mails
SELECT source, kind, answer, address, sender, subject, text, at FROM inbound_mails WHERE client_id = ? ORDER BY id;

-- name: export_events
SELECT name, event_key, payload, occurred_at, received_at FROM events WHERE client_id = ? ORDER BY id;

-- name: export_responses
SELECT r.source, g.name AS campaign, r.kind, r.at, r.detail FROM responses r JOIN campaigns g ON g.id = r.campaign_id
 WHERE r.client_id = ? ORDER BY r.id;

-- name: export_conversions
SELECT kind, name, at, amount_minor, currency, product, source, external_id FROM conversions WHERE client_id = ? ORDER BY id;

-- name: export_clicks
SELECT t.message_id, t.link, t.at, t.method, t.network, t.verdict FROM tracking_events t
 WHERE t.message_id IN (SELECT id FROM messages WHERE client_id = ?) ORDER BY t.id;

-- name: export_calls
SELECT message_id, state, due_at, manager, calls, disposition, note, closed_at FROM call_tasks WHERE client_id = ? ORDER BY message_id;

-- name: export_tasks
SELECT kind, manager, text, created_at, done_at FROM manager_tasks WHERE client_id = ? ORDER BY id;

-- name: export_figures
SELECT period, metric, detail, currency, planned_minor, fact_minor FROM client_figures WHERE client_id = ? ORDER BY period;

-- name: export_history
SELECT subject, value, from_on, to_on FROM client_history WHERE client_id = ? ORDER BY from_on;

-- name: retain_receipts @sqlite
UPDATE receipts SET raw = '' WHERE id IN (SELECT id FROM receipts WHERE received_at < ? AND raw <> '' LIMIT ?);

-- name: retain_receipts @mariadb
UPDATE receipts SET raw = '' WHERE received_at < ? AND raw <> '' LIMIT ?;

-- name: retain_inbound @sqlite
UPDATE inbound SET raw = '', text = '' WHERE id IN (SELECT id FROM inbound WHERE received_at < ? AND raw <> '' LIMIT ?);

-- name: retain_inbound @mariadb
UPDATE inbound SET raw = '', text = '' WHERE received_at < ? AND raw <> '' LIMIT ?;

-- name: retain_mails @sqlite
UPDATE inbound_mails SET raw = '', text = '' WHERE id IN (SELECT id FROM inbound_mails WHERE received_at < ? AND raw <> '' LIMIT ?);

-- name: retain_mails @mariadb
UPDATE inbound_mails SET raw = '', text = '' WHERE received_at < ? AND raw <> '' LIMIT ?;

-- name: retain_clicks @sqlite
DELETE FROM tracking_events WHERE id IN (SELECT id FROM tracking_events WHERE at < ? AND verdict IS NOT NULL LIMIT ?);

-- name: retain_clicks @mariadb
DELETE FROM tracking_events WHERE at < ? AND verdict IS NOT NULL LIMIT ?;

-- name: retain_contents @sqlite
-- What was not sent yet keeps what it will be made of.
DELETE FROM message_contents WHERE message_id IN (SELECT x.message_id FROM message_contents x JOIN messages m ON m.id = x.message_id
 WHERE x.composed_at < ? AND m.finished_at IS NOT NULL LIMIT ?);

-- name: retain_contents @mariadb
DELETE x FROM message_contents x JOIN (SELECT c.message_id FROM message_contents c JOIN messages m ON m.id = c.message_id
 WHERE c.composed_at < ? AND m.finished_at IS NOT NULL LIMIT ?) old ON old.message_id = x.message_id;

-- name: retain_calls @sqlite
UPDATE call_tasks SET note = NULL WHERE message_id IN (SELECT message_id FROM call_tasks
 WHERE state = 'closed' AND closed_at < ? AND note IS NOT NULL LIMIT ?);

-- name: retain_calls @mariadb
UPDATE call_tasks SET note = NULL WHERE state = 'closed' AND closed_at < ? AND note IS NOT NULL LIMIT ?;

-- name: is_being_sent
-- Between the claim and the outcome a row belongs to its dispatcher.
SELECT 1 FROM messages WHERE client_id = ? AND state IN ('leased', 'submitting') LIMIT 1;

-- name: erase_documents_of_address
DELETE FROM inbound_documents WHERE EXISTS (SELECT 1 FROM inbound i
 WHERE i.source = inbound_documents.source AND i.external_id = inbound_documents.external_id AND i.sender = ?);

-- What came back: receipts of providers, messages of people. Each is taken in once, by (source, external_id).

-- name: insert_message_refs @sqlite
-- A provider that gives an id a second time means its newest message.
INSERT INTO message_refs (source, ref, message_id) VALUES [[(?, ?, ?)]]
ON CONFLICT (source, ref) DO UPDATE SET message_id = excluded.message_id, state = 'sent';

-- name: insert_message_refs @mariadb
INSERT INTO message_refs (source, ref, message_id) VALUES [[(?, ?, ?)]]
ON DUPLICATE KEY UPDATE message_id = VALUES(message_id), state = 'sent';

-- name: insert_receipt @sqlite
INSERT INTO receipts (source, external_id, ref, message_id, state, reason, units, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_receipt @mariadb
INSERT IGNORE INTO receipts (source, external_id, ref, message_id, state, reason, units, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: message_of_ref
SELECT message_id FROM message_refs WHERE source = ? AND ref = ?;

-- name: message_for_receipt
SELECT m.state, m.client_id, m.contact, m.run_id FROM messages m WHERE m.id = ?;

-- name: set_ref_state
-- The first final word on a part stays.
UPDATE message_refs SET state = ? WHERE source = ? AND ref = ? AND state IN ('sent', 'in_progress');

-- name: set_contact_valid
UPDATE contacts SET state = 'active', updated_at = ? WHERE client_id = ? AND number = ? AND state = 'invalid';

-- name: correct_ref_state
UPDATE message_refs SET state = ? WHERE source = ? AND ref = ?;

-- name: words_on_ref
-- What was said of a part before: only final words.
SELECT state, at FROM receipts
 WHERE message_id = ? AND source = ? AND ref = ? AND state IN ('delivered', 'failed', 'expired', 'bad_address');

-- name: refs_of_message
SELECT ref, state FROM message_refs WHERE message_id = ?;

-- name: settle_by_receipt
UPDATE messages SET state = ?, reason = ?, finished_at = ? WHERE id = ? AND state = ?;

-- name: reopen_run
-- A message that came back may have a next channel.
UPDATE runs SET settled_at = NULL WHERE id = ? AND settled_at IS NOT NULL;

-- name: receipts_waiting
-- Came before the outcome that tells whose they are, or while it was being recorded.
SELECT r.id, r.source, r.ref, r.state, r.reason, r.units, r.at, x.message_id
  FROM receipts r JOIN message_refs x ON x.source = r.source AND x.ref = r.ref
 WHERE r.message_id IS NULL ORDER BY r.id LIMIT 500;

-- name: receipt_belongs_to
UPDATE receipts SET message_id = ? WHERE id = ?;

-- name: receipt_belongs_to_key
UPDATE receipts SET message_id = ? WHERE source = ? AND external_id = ?;

-- name: receipts_of_message
SELECT source, state, reason, at FROM receipts WHERE message_id = ? ORDER BY at, id;

-- name: insert_inbound @sqlite
INSERT INTO inbound (source, external_id, sender, recipient, kind, client_id, text, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_inbound @mariadb
INSERT IGNORE INTO inbound (source, external_id, sender, recipient, kind, client_id, text, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: last_message_to
-- Whom an answer from this address most likely belongs to: the last message sent there by this channel.
SELECT /*! STRAIGHT_JOIN */ m.id, m.client_id, m.campaign_id
  FROM contacts k /*! FORCE INDEX (contacts_by_address) */
  JOIN messages m /*! FORCE INDEX (client_id) */ ON m.client_id = k.client_id AND m.contact = k.number
 WHERE k.address = ? AND m.channel = ? AND m.submitted_at IS NOT NULL
 ORDER BY m.submitted_at DESC, m.id DESC LIMIT 1;

-- name: clients_with_address
SELECT DISTINCT client_id FROM contacts WHERE address = ?;

-- name: insert_response @sqlite
INSERT INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at, detail)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_response @mariadb
INSERT IGNORE INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at, detail)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: lift_stop
-- START takes back what STOP did, nothing else.
DELETE FROM suppressions WHERE subject = 'address' AND value = ? AND channel = ? AND reason = 'STOP';

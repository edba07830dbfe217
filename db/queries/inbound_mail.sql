-- Mail that came back or was answered: kept once by (source, external_id), its effects worked out from what is kept.

-- name: insert_inbound_mail @sqlite
INSERT INTO inbound_mails (source, external_id, kind, answer, matched_by, message_id, client_id, campaign_id, address,
                           waits, sender, subject, status, diagnostic, reason, text, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_inbound_mail @mariadb
INSERT IGNORE INTO inbound_mails (source, external_id, kind, answer, matched_by, message_id, client_id, campaign_id,
                                  address, waits, sender, subject, status, diagnostic, reason, text, at, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: message_for_mail
SELECT m.state, m.client_id, m.campaign_id, m.contact, m.run_id, m.submitted_at, x.address, c.manager,
       (SELECT k.address FROM contacts k WHERE k.client_id = m.client_id AND k.number = m.contact)
  FROM messages m JOIN clients c ON c.id = m.client_id LEFT JOIN message_contents x ON x.message_id = m.id
 WHERE m.id = ?;

-- name: touch_message
-- Takes the row's lock before the evidence about it is read: two mails about one message wait for one another.
UPDATE messages SET state = state WHERE id = ?;

-- name: mails_about_message @sqlite
SELECT kind, reason, status, at, external_id FROM inbound_mails WHERE message_id = ?;

-- name: mails_about_message @mariadb
-- Locked and as it is now, not as the transaction found it: two mails at once must see one another.
SELECT kind, reason, status, at, external_id FROM inbound_mails WHERE message_id = ? FOR UPDATE;

-- name: mails_about_address @sqlite
SELECT kind, answer, message_id, at, external_id, source FROM inbound_mails
 WHERE address = ? AND kind IN ('hard', 'soft', 'full', 'feedback', 'reply')
 ORDER BY at, external_id;

-- name: mails_about_address @mariadb
-- Locked and as it is now, not as the transaction found it: two mails at once must see one another.
SELECT kind, answer, message_id, at, external_id, source FROM inbound_mails
 WHERE address = ? AND kind IN ('hard', 'soft', 'full', 'feedback', 'reply')
 ORDER BY at, external_id FOR UPDATE;

-- name: forget_mail_suppressions
-- Before they are worked out again; those of other origin stay.
DELETE FROM suppressions WHERE subject = 'address' AND value = ? AND channel = 'email' AND source LIKE 'mail %';

-- name: mails_waiting
SELECT DISTINCT message_id FROM inbound_mails WHERE waits = 1 LIMIT 500;

-- name: mail_waits_no_more
UPDATE inbound_mails SET waits = 0 WHERE message_id = ? AND waits = 1;

-- name: insert_reply_task @sqlite
INSERT INTO manager_tasks (kind, manager, client_id, campaign_id, message_id, text, created_at, unique_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unique_key) DO NOTHING;

-- name: insert_reply_task @mariadb
INSERT IGNORE INTO manager_tasks (kind, manager, client_id, campaign_id, message_id, text, created_at, unique_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: client_of_sender
-- Whose a mail without a key may be: for a person to check, nothing is done on the strength of it.
SELECT k.client_id, c.manager FROM contacts k JOIN clients c ON c.id = k.client_id
 WHERE k.address = ? AND k.channel = 'email' ORDER BY k.client_id LIMIT 1;

-- name: mails_of_message
SELECT kind, answer, reason, status, diagnostic, text, at FROM inbound_mails WHERE message_id = ? ORDER BY at, id;

-- name: inbound_mails_listed
-- For people: what could not be matched or told, newest first.
SELECT id, source, kind, matched_by, sender, subject, reason, at FROM inbound_mails
 WHERE (? = 0 OR message_id IS NULL) ORDER BY id DESC LIMIT ?;

-- name: inbound_mail_raw
SELECT raw FROM inbound_mails WHERE id = ?;

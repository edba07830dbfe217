-- Reports that go to managers by e-mail: a row for each slot and recipient, so that each goes out once.

-- name: report_schedules
-- The newest version of each, and since when it holds: slots before that are nobody's.
SELECT d.name, d.content, d.created_at FROM documents d WHERE d.kind = 'report'
   AND d.version = (SELECT MAX(x.version) FROM documents x WHERE x.kind = d.kind AND x.name = d.name);

-- name: insert_report_mail @sqlite
INSERT INTO report_mails (schedule, slot, recipient, state, attempts, message_key, detail, made_at, not_before)
VALUES (?, ?, ?, 'due', 0, ?, '', ?, ?) ON CONFLICT (schedule, slot, recipient) DO NOTHING;

-- name: insert_report_mail @mariadb
INSERT IGNORE INTO report_mails (schedule, slot, recipient, state, attempts, message_key, detail, made_at, not_before)
VALUES (?, ?, ?, 'due', 0, ?, '', ?, ?);

-- name: report_mails_due
SELECT schedule, slot, recipient, message_key, attempts, made_at FROM report_mails
 WHERE state = 'due' AND not_before <= ? ORDER BY not_before, schedule, slot, recipient LIMIT 20;

-- name: claim_report_mail
-- Committed before anything is sent; `not_before` is when it is given up on.
UPDATE report_mails SET state = 'sending', attempts = attempts + 1, not_before = ?
 WHERE schedule = ? AND slot = ? AND recipient = ? AND state = 'due' AND attempts = ?;

-- name: settle_report_mail
UPDATE report_mails SET state = ?, detail = ?, not_before = ?
 WHERE schedule = ? AND slot = ? AND recipient = ? AND state = 'sending' AND attempts = ?;

-- name: rescue_report_mails
-- Whoever sent it is gone. Once more under the same Message-ID, so that mail programs show it once; then nobody knows.
UPDATE report_mails SET state = CASE WHEN attempts < 2 THEN 'due' ELSE 'unknown' END,
       detail = 'the process that sent it ended'
 WHERE state = 'sending' AND not_before <= ?;

-- name: report_mails_listed
SELECT schedule, slot, recipient, state, attempts, detail, made_at FROM report_mails
 ORDER BY made_at DESC, schedule, slot, recipient LIMIT ?;

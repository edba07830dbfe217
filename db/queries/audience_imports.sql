-- name: checkpoint_seldom @sqlite
-- A file of clients writes the same pages again and again: copied into the database four times less often. The log may
-- grow to 64 MiB meanwhile, which in daily work would be 48 MiB of disk for nothing.
PRAGMA wal_autocheckpoint = 16000;

-- name: checkpoint_seldom @mariadb
DO 0;

-- name: checkpoint_as_usual @sqlite
-- What every connection starts with (db/sqlite.cpp).
PRAGMA wal_autocheckpoint = 4000;

-- name: checkpoint_as_usual @mariadb
DO 0;

-- name: running_import
-- An import that was cut off, of the same file, mapping and kind.
SELECT id, byte_offset, line, rows_imported, rows_rejected, rejects_size FROM imports
 WHERE fingerprint = ? AND state = 'running' ORDER BY id DESC LIMIT 1;

-- name: insert_import
INSERT INTO imports (kind, file, fingerprint, state, byte_offset, line, rows_imported, rows_rejected,
       rejects_size, started_at) VALUES (?, ?, ?, 'running', 0, 1, 0, 0, 0, ?);

-- name: advance_import
UPDATE imports SET byte_offset = ?, line = ?, rows_imported = ?, rows_rejected = ?, rejects_size = ? WHERE id = ?;

-- name: finish_import
UPDATE imports SET state = 'done', finished_at = ? WHERE id = ?;

-- name: contracts_by_external_id
SELECT id, external_id, client_id, kind, product, status, currency, amount_minor, balance_minor, opened_on,
       closed_on, expires_on, next_payment_on, next_payment_minor, overdue_minor, overdue_since
  FROM contracts WHERE external_id IN ({keys});

-- name: last_contract_id
SELECT COALESCE(MAX(id), 0) FROM contracts;

-- name: store_contracts @sqlite
INSERT INTO contracts (id, external_id, client_id, kind, product, status, currency, amount_minor, balance_minor,
       opened_on, closed_on, expires_on, next_payment_on, next_payment_minor, overdue_minor, overdue_since,
       import_id, updated_at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, kind = excluded.kind, product = excluded.product,
       status = excluded.status, currency = excluded.currency, amount_minor = excluded.amount_minor,
       balance_minor = excluded.balance_minor, opened_on = excluded.opened_on, closed_on = excluded.closed_on,
       expires_on = excluded.expires_on, next_payment_on = excluded.next_payment_on,
       next_payment_minor = excluded.next_payment_minor, overdue_minor = excluded.overdue_minor,
       overdue_since = excluded.overdue_since, import_id = excluded.import_id, updated_at = excluded.updated_at;

-- name: store_contracts @mariadb
INSERT INTO contracts (id, external_id, client_id, kind, product, status, currency, amount_minor, balance_minor,
       opened_on, closed_on, expires_on, next_payment_on, next_payment_minor, overdue_minor, overdue_since,
       import_id, updated_at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE client_id = VALUES(client_id), kind = VALUES(kind), product = VALUES(product),
       status = VALUES(status), currency = VALUES(currency), amount_minor = VALUES(amount_minor),
       balance_minor = VALUES(balance_minor), opened_on = VALUES(opened_on), closed_on = VALUES(closed_on),
       expires_on = VALUES(expires_on), next_payment_on = VALUES(next_payment_on),
       next_payment_minor = VALUES(next_payment_minor), overdue_minor = VALUES(overdue_minor),
       overdue_since = VALUES(overdue_since), import_id = VALUES(import_id), updated_at = VALUES(updated_at);

-- name: store_consents @sqlite
-- The newest decision is in force; of two at the same moment, the refusal. The order of arrival does not matter.
INSERT INTO consents (client_id, channel, purpose, granted, at, source, proof) VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (client_id, channel, purpose) DO UPDATE SET granted = excluded.granted, at = excluded.at,
       source = excluded.source, proof = excluded.proof
 WHERE excluded.at > consents.at OR (excluded.at = consents.at AND excluded.granted < consents.granted);

-- name: store_consents @mariadb
-- Assignments run from left to right: what the conditions read is changed last.
INSERT INTO consents (client_id, channel, purpose, granted, at, source, proof) VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE
       source = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(granted) < granted), VALUES(source), source),
       proof = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(granted) < granted), VALUES(proof), proof),
       granted = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(granted) < granted), VALUES(granted), granted),
       at = GREATEST(at, VALUES(at));

-- name: insert_consent_history @sqlite
INSERT OR IGNORE INTO consent_history (client_id, channel, purpose, granted, at, source, proof, recorded_at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?) ]];

-- name: insert_consent_history @mariadb
INSERT INTO consent_history (client_id, channel, purpose, granted, at, source, proof, recorded_at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE recorded_at = recorded_at;

-- name: insert_suppressions @sqlite
-- Who is suppressed already stays so, for the first reason given.
INSERT OR IGNORE INTO suppressions (subject, value, channel, purpose, reason, source, at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]];

-- name: insert_suppressions @mariadb
INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE at = at;

-- Daily snapshots of the bank: what stands is compared with what was, only changes are written.

-- name: snapshot_last
SELECT MAX(day) FROM snapshots;

-- name: snapshot_days
SELECT day FROM snapshots WHERE day >= ? AND day <= ? ORDER BY day;

-- name: snapshot_before
-- The newest complete day not after this one.
SELECT MAX(day) FROM snapshots WHERE day <= ?;

-- name: insert_snapshot @sqlite
-- Two processes may take the same day's picture: they write the same.
INSERT INTO snapshots (day, taken_at, clients) VALUES (?, ?, ?) ON CONFLICT (day) DO NOTHING;

-- name: insert_snapshot @mariadb
INSERT IGNORE INTO snapshots (day, taken_at, clients) VALUES (?, ?, ?);

-- name: history_of_subject
-- A chunk of clients, by the primary key: the concatenation keeps engines from reading all of the subject instead.
SELECT client_id, value, from_on FROM client_history
 WHERE client_id > ? AND client_id <= ? AND subject || '' = ? AND to_on = '9999-12-31' ORDER BY client_id, value;

-- name: history_of_value
SELECT client_id, value, from_on FROM client_history
 WHERE client_id > ? AND client_id <= ? AND subject || '' = 'segment' AND value || '' = ?
   AND to_on = '9999-12-31' ORDER BY client_id;

-- name: store_history @sqlite
-- Opens and closes: a second try on the same day writes the same.
INSERT INTO client_history (subject, value, client_id, from_on, to_on) VALUES [[ (?, ?, ?, ?, ?) ]]
ON CONFLICT (subject, value, client_id, from_on) DO UPDATE SET to_on = excluded.to_on;

-- name: store_history @mariadb
INSERT INTO client_history (subject, value, client_id, from_on, to_on) VALUES [[ (?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE to_on = VALUES(to_on);

-- name: current_statuses
SELECT c.id, c.status FROM clients c WHERE c.id > ? AND c.id <= ? ORDER BY c.id;

-- name: current_products
SELECT DISTINCT k.client_id, k.product FROM contracts k
 WHERE k.client_id > ? AND k.client_id <= ? AND (k.closed_on IS NULL OR k.closed_on > ?) ORDER BY k.client_id, k.product;

-- name: current_sources
SELECT a.client_id, a.text_value FROM client_attributes a
 WHERE a.client_id > ? AND a.client_id <= ? AND a.name = ? AND a.text_value IS NOT NULL ORDER BY a.client_id;

-- name: current_balances
SELECT k.client_id, SUM(CASE WHEN k.kind = 'loan' THEN 0 ELSE COALESCE(k.balance_minor, 0) END),
       SUM(CASE WHEN k.kind = 'loan' THEN COALESCE(k.balance_minor, 0) ELSE 0 END)
  FROM contracts k
 WHERE k.client_id > ? AND k.client_id <= ? AND k.currency = ? AND (k.closed_on IS NULL OR k.closed_on > ?)
 GROUP BY k.client_id ORDER BY k.client_id;

-- name: open_balances
SELECT client_id, funds_minor, loans_minor, from_on FROM client_balances
 WHERE client_id > ? AND client_id <= ? AND to_on = '9999-12-31' ORDER BY client_id;

-- name: store_balances @sqlite
INSERT INTO client_balances (client_id, from_on, to_on, funds_minor, loans_minor) VALUES [[ (?, ?, ?, ?, ?) ]]
ON CONFLICT (client_id, from_on) DO UPDATE SET to_on = excluded.to_on, funds_minor = excluded.funds_minor,
       loans_minor = excluded.loans_minor;

-- name: store_balances @mariadb
INSERT INTO client_balances (client_id, from_on, to_on, funds_minor, loans_minor) VALUES [[ (?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE to_on = VALUES(to_on), funds_minor = VALUES(funds_minor), loans_minor = VALUES(loans_minor);

-- name: current_members
SELECT c.id FROM clients c WHERE c.id > ? AND c.id <= ? AND ({predicate}) ORDER BY c.id;

-- name: store_segment_day @sqlite
-- Sizes and sums of a day out of the members just stored. In a segment's first snapshot nobody joined.
INSERT INTO snapshot_segments (segment, day, clients, joined, left_count, funds_minor, loans_minor, products, refusals)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (segment, day) DO NOTHING;

-- name: store_segment_day @mariadb
INSERT IGNORE INTO snapshot_segments
       (segment, day, clients, joined, left_count, funds_minor, loans_minor, products, refusals)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: segment_has_past
SELECT COUNT(*) FROM snapshot_segments WHERE segment = ? AND day < ?;

-- name: segment_moves
-- Today's size, who joined and who left today.
SELECT SUM(CASE WHEN to_on = '9999-12-31' THEN 1 ELSE 0 END), SUM(CASE WHEN from_on = ? AND to_on > ? THEN 1 ELSE 0 END),
       SUM(CASE WHEN to_on = ? AND from_on < ? THEN 1 ELSE 0 END)
  FROM client_history WHERE subject = 'segment' AND value = ?;

-- name: segment_money
SELECT /*! STRAIGHT_JOIN */
       COALESCE(SUM(CASE WHEN k.currency = ? AND k.kind <> 'loan' THEN COALESCE(k.balance_minor, 0) ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN k.currency = ? AND k.kind = 'loan' THEN COALESCE(k.balance_minor, 0) ELSE 0 END), 0),
       COUNT(*)
  FROM client_history h JOIN contracts k /*! FORCE INDEX (contracts_by_client) */ ON k.client_id = h.client_id
 WHERE h.subject = 'segment' AND h.value = ? AND h.to_on = '9999-12-31' AND (k.closed_on IS NULL OR k.closed_on > ?);

-- name: segment_refusals
-- Members who refused advertising: by a consent taken back, or because their address or they themselves are suppressed.
SELECT COUNT(*) FROM client_history h JOIN clients c ON c.id = h.client_id
 WHERE h.subject = 'segment' AND h.value = ? AND h.to_on = '9999-12-31'
   AND (EXISTS (SELECT 1 FROM consents o /*! FORCE INDEX (PRIMARY) */
        WHERE o.client_id = c.id AND o.purpose = 'marketing' AND o.granted = 0)
     OR EXISTS (SELECT 1 FROM suppressions s /*! FORCE INDEX (value) */
        WHERE s.value = c.external_id AND s.subject = 'client'
                   AND s.purpose IN ('*', 'marketing'))
     OR EXISTS (SELECT /*! STRAIGHT_JOIN */ 1 FROM contacts a /*! FORCE INDEX (PRIMARY) */
                   JOIN suppressions s /*! FORCE INDEX (value) */ ON s.value = a.address AND s.subject = 'address'
                 WHERE a.client_id = c.id AND s.purpose IN ('*', 'marketing')));

-- name: bank_size
SELECT COUNT(*) FROM clients;

-- name: bank_clients_before
SELECT clients FROM snapshot_segments WHERE segment = ? AND day < ? ORDER BY day DESC LIMIT 1;

-- name: bank_money
SELECT COALESCE(SUM(CASE WHEN k.currency = ? AND k.kind <> 'loan' THEN COALESCE(k.balance_minor, 0) ELSE 0 END), 0),
       COALESCE(SUM(CASE WHEN k.currency = ? AND k.kind = 'loan' THEN COALESCE(k.balance_minor, 0) ELSE 0 END), 0),
       COUNT(*)
  FROM contracts k WHERE k.closed_on IS NULL OR k.closed_on > ?;

-- name: bank_refusals
SELECT COUNT(*) FROM clients c
 WHERE EXISTS (SELECT 1 FROM consents o /*! FORCE INDEX (PRIMARY) */
        WHERE o.client_id = c.id AND o.purpose = 'marketing' AND o.granted = 0)
    OR EXISTS (SELECT 1 FROM suppressions s /*! FORCE INDEX (value) */
        WHERE s.value = c.external_id AND s.subject = 'client'
                  AND s.purpose IN ('*', 'marketing'))
    OR EXISTS (SELECT /*! STRAIGHT_JOIN */ 1 FROM contacts a /*! FORCE INDEX (PRIMARY) */
                   JOIN suppressions s /*! FORCE INDEX (value) */ ON s.value = a.address AND s.subject = 'address'
                WHERE a.client_id = c.id AND s.purpose IN ('*', 'marketing'));

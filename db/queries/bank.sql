-- The bank's view, read from stored snapshots: what a past day looked like never changes.

-- name: bank_segments
SELECT segment, day, clients, joined, left_count, funds_minor, loans_minor, products, refusals
  FROM snapshot_segments WHERE day >= ? AND day <= ? ORDER BY segment, day;

-- name: bank_worth
-- What each client brought over the months: the core bank's totals.
SELECT f.client_id, SUM(f.fact_minor) FROM client_figures f
 WHERE f.period >= ? AND f.period <= ? AND f.metric = 'total' AND f.detail = '' AND f.currency = ?
   AND f.fact_minor IS NOT NULL
 GROUP BY f.client_id ORDER BY f.client_id;

-- name: bank_holdings
-- What each client had with the bank on a day: funds and loans.
SELECT client_id, funds_minor + loans_minor FROM client_balances WHERE from_on <= ? AND to_on > ? ORDER BY client_id;

-- name: bank_clients
SELECT id, external_id, COALESCE(company_name, NULLIF(TRIM(COALESCE(last_name, '') || ' ' ||
       COALESCE(first_name, '')), ''), ''), value_class, COALESCE(branch, ''), COALESCE(manager, '')
  FROM clients WHERE id IN (?*);

-- name: bank_migration
SELECT a.value, b.value, COUNT(*) FROM client_history a
  JOIN client_history b ON b.client_id = a.client_id AND b.subject = 'status' AND b.from_on <= ? AND b.to_on > ?
 WHERE a.subject = 'status' AND a.from_on <= ? AND a.to_on > ? GROUP BY a.value, b.value ORDER BY a.value, b.value;

-- name: bank_sources
-- Of those who were prospects at some time: where they came from, since when, when they first were something else, and
-- how many products they held at the end.
SELECT COALESCE(s.value, ''), p.client_id, MIN(p.from_on),
       (SELECT MIN(x.from_on) FROM client_history x WHERE x.client_id = p.client_id AND x.subject = 'status'
           AND x.value IN ('new', 'active') AND x.from_on > p.from_on AND x.from_on <= ?),
       (SELECT COUNT(*) FROM client_history x WHERE x.client_id = p.client_id AND x.subject = 'product'
           AND x.from_on <= ? AND x.to_on > ?)
  FROM client_history p
  LEFT JOIN client_history s ON s.client_id = p.client_id AND s.subject = 'source' AND s.from_on <= ? AND s.to_on > ?
 WHERE p.subject = 'status' AND p.value = 'prospect' AND p.from_on <= ? AND p.to_on > ?
 GROUP BY COALESCE(s.value, ''), p.client_id, p.from_on ORDER BY 1, 2;

-- name: client_page_profile
SELECT c.id, c.kind, COALESCE(c.company_name, NULLIF(TRIM(COALESCE(c.last_name, '') || ' ' ||
       COALESCE(c.first_name, '') || ' ' || COALESCE(c.middle_name, '')), ''), ''), COALESCE(c.gender, ''),
       COALESCE(c.birth_date, ''), c.locale, COALESCE(c.time_zone, ''), COALESCE(c.branch, ''),
       COALESCE(c.manager, ''), c.status, c.income_minor, c.value_class, COALESCE(c.occupation, ''),
       COALESCE(c.industry, ''), COALESCE(c.household, ''), c.created_at
  FROM clients c WHERE c.external_id = ?;

-- name: client_page_contacts
SELECT channel, address, state, preferred FROM contacts WHERE client_id = ? ORDER BY channel, priority, number;

-- name: client_page_history
SELECT subject, value, from_on, to_on FROM client_history WHERE client_id = ? ORDER BY subject, from_on, value;

-- name: client_page_contracts
SELECT kind, product, status, currency, amount_minor, balance_minor, COALESCE(opened_on, ''), COALESCE(closed_on, ''),
       COALESCE(expires_on, ''), COALESCE(next_payment_on, ''), next_payment_minor, overdue_minor
  FROM contracts WHERE client_id = ? ORDER BY CASE WHEN closed_on IS NULL THEN 0 ELSE 1 END, opened_on, id;

-- name: client_page_consents
SELECT channel, purpose, granted, at, source FROM consents WHERE client_id = ? ORDER BY channel, purpose;

-- name: client_page_promotions
SELECT g.name, m.channel, m.state, COALESCE(m.reason, ''), m.due_at, COALESCE(m.submitted_at, 0),
       (SELECT COUNT(*) FROM responses r WHERE r.client_id = m.client_id AND r.campaign_id = m.campaign_id
           AND r.message_id = m.id AND r.kind = 'open'),
       (SELECT COUNT(*) FROM responses r WHERE r.client_id = m.client_id AND r.campaign_id = m.campaign_id
           AND r.message_id = m.id AND r.kind IN ('click', 'landing'))
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id
 WHERE m.client_id = ? ORDER BY m.due_at DESC, m.id DESC LIMIT 50;

-- name: client_page_responses
SELECT kind, COUNT(*), MAX(at) FROM responses WHERE client_id = ? GROUP BY kind ORDER BY kind;

-- name: client_page_conversions
SELECT kind, name, at, amount_minor, COALESCE(currency, '') FROM conversions WHERE client_id = ?
 ORDER BY at DESC LIMIT 30;

-- name: snapshot_nearest
-- The last complete day before a campaign began; of a campaign older than all snapshots, the first one.
SELECT COALESCE((SELECT MAX(day) FROM snapshots WHERE day <= ?), (SELECT MIN(day) FROM snapshots WHERE day > ?));

-- name: report_segments @sqlite
SELECT h.client_id, h.value FROM client_history h
 WHERE h.client_id IN (SELECT m.client_id FROM runs r JOIN messages m ON m.run_id = r.id WHERE r.campaign_id = ?)
   AND h.subject = 'segment' AND h.from_on <= ? AND h.to_on > ?;

-- name: report_segments @mariadb
-- As the queries of reports.sql: the order is ours, whatever the planner believes.
SELECT STRAIGHT_JOIN h.client_id, h.value
  FROM (SELECT STRAIGHT_JOIN DISTINCT m.client_id FROM runs r
          JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id WHERE r.campaign_id = ?) x
  JOIN client_history h FORCE INDEX (PRIMARY) ON h.client_id = x.client_id AND h.subject = 'segment'
 WHERE h.from_on <= ? AND h.to_on > ?;

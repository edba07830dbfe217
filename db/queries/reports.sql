-- Conversions and past campaigns come in; reports read messages, responses and conversions in one pass each.

-- name: store_conversions @sqlite
-- The same conversion told again replaces what was known of it.
INSERT INTO conversions (client_id, kind, name, at, amount_minor, currency, product, source, external_id, import_id)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (source, external_id) DO UPDATE SET client_id = excluded.client_id, kind = excluded.kind,
       name = excluded.name, at = excluded.at, amount_minor = excluded.amount_minor, currency = excluded.currency,
       product = excluded.product, import_id = excluded.import_id;

-- name: store_conversions @mariadb
INSERT INTO conversions (client_id, kind, name, at, amount_minor, currency, product, source, external_id, import_id)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE client_id = VALUES(client_id), kind = VALUES(kind), name = VALUES(name), at = VALUES(at),
       amount_minor = VALUES(amount_minor), currency = VALUES(currency), product = VALUES(product),
       import_id = VALUES(import_id);

-- name: store_past_messages @sqlite
INSERT INTO messages (run_id, client_id, campaign_id, step, channel, variant, state, reason, due_at, submitted_at,
       finished_at, attempt)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (client_id, run_id, step, channel) DO UPDATE SET variant = excluded.variant, state = excluded.state,
       reason = excluded.reason, due_at = excluded.due_at, submitted_at = excluded.submitted_at,
       finished_at = excluded.finished_at, attempt = excluded.attempt;

-- name: store_past_messages @mariadb
INSERT INTO messages (run_id, client_id, campaign_id, step, channel, variant, state, reason, due_at, submitted_at,
       finished_at, attempt)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE variant = VALUES(variant), state = VALUES(state), reason = VALUES(reason),
       due_at = VALUES(due_at), submitted_at = VALUES(submitted_at), finished_at = VALUES(finished_at),
       attempt = VALUES(attempt);

-- name: freeze_past_runs
UPDATE runs SET state = 'frozen', frozen_at = ?, settled_at = ?,
       matched = (SELECT COUNT(*) FROM messages m WHERE m.run_id = runs.id AND m.step = 1)
 WHERE campaign_id = ?;

-- name: report_size
-- About how many messages there are, so that memory is taken once.
SELECT COALESCE(SUM(matched), 0) FROM runs WHERE campaign_id = ?;

-- name: report_messages
-- Everything a report says of messages, in one pass. Rows of a run lie together in its index.
SELECT /*! STRAIGHT_JOIN */ m.id, m.client_id, m.step, m.channel, m.variant, m.state, COALESCE(m.reason, ''), m.due_at,
       COALESCE(m.submitted_at, 0), CASE WHEN m.finished_at IS NULL THEN 0 ELSE 1 END, m.units
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id WHERE r.campaign_id = ?;

-- name: report_responses
-- From the index alone. Kinds lie together.
SELECT kind, client_id, COALESCE(message_id, 0), at FROM responses WHERE campaign_id = ? ORDER BY kind, client_id, message_id, at;

-- name: report_machines
-- What machines answered: counted apart, never a response. From indexes alone.
SELECT kind, COUNT(*), COUNT(DISTINCT client_id) FROM robot_reactions WHERE campaign_id = ? GROUP BY kind
UNION ALL
SELECT CASE WHEN kind = 'auto_reply' THEN 'auto_reply' ELSE 'bounce' END, COUNT(*), COUNT(DISTINCT client_id)
  FROM inbound_mails WHERE campaign_id = ? AND kind IN ('auto_reply', 'hard', 'soft', 'full', 'blocked')
 GROUP BY CASE WHEN kind = 'auto_reply' THEN 'auto_reply' ELSE 'bounce' END;

-- name: report_conversions
-- From the index alone: all of the time the campaign is measured in, by whomever.
SELECT client_id, at, kind, name, amount_minor, currency FROM conversions WHERE at >= ? AND at < ?
 ORDER BY at, client_id;

-- name: report_clients @sqlite
-- This and those below: from the campaign's messages to the clients by their keys. On MariaDB nothing is left to the
-- planner: within seconds of an import or of planning it believes a full table to be empty, and then goes through all of
-- one for each row of another.
SELECT c.id, c.external_id, COALESCE(c.company_name, NULLIF(TRIM(COALESCE(c.last_name, '') || ' ' ||
       COALESCE(c.first_name, '')), ''), ''), COALESCE(c.branch, ''), COALESCE(c.manager, '')
  FROM clients c WHERE c.id IN (SELECT m.client_id FROM runs r JOIN messages m ON m.run_id = r.id
                                 WHERE r.campaign_id = ?) ORDER BY c.id;

-- name: report_clients @mariadb
SELECT STRAIGHT_JOIN c.id, c.external_id, COALESCE(c.company_name, NULLIF(TRIM(COALESCE(c.last_name, '') || ' ' ||
       COALESCE(c.first_name, '')), ''), ''), COALESCE(c.branch, ''), COALESCE(c.manager, '')
  FROM (SELECT STRAIGHT_JOIN DISTINCT m.client_id FROM runs r
          JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id WHERE r.campaign_id = ?) x
  JOIN clients c FORCE INDEX (PRIMARY) ON c.id = x.client_id ORDER BY c.id;

-- name: report_client_column @sqlite
-- One property of each client of a campaign, chosen by name.
SELECT c.id, CASE ? WHEN 'branch' THEN c.branch WHEN 'manager' THEN c.manager WHEN 'value_class' THEN c.value_class
       WHEN 'status' THEN c.status WHEN 'industry' THEN c.industry WHEN 'household' THEN c.household END
  FROM clients c WHERE c.id IN (SELECT m.client_id FROM runs r JOIN messages m ON m.run_id = r.id
                                 WHERE r.campaign_id = ?);

-- name: report_client_column @mariadb
SELECT STRAIGHT_JOIN c.id, CASE ? WHEN 'branch' THEN c.branch WHEN 'manager' THEN c.manager
       WHEN 'value_class' THEN c.value_class WHEN 'status' THEN c.status WHEN 'industry' THEN c.industry
       WHEN 'household' THEN c.household END
  FROM (SELECT STRAIGHT_JOIN DISTINCT m.client_id FROM runs r
          JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id WHERE r.campaign_id = ?) x
  JOIN clients c FORCE INDEX (PRIMARY) ON c.id = x.client_id;

-- name: report_attribute @sqlite
SELECT c.id, COALESCE(a.text_value, CAST(a.number_value AS TEXT))
  FROM clients c LEFT JOIN client_attributes a ON a.client_id = c.id AND a.name = ?
 WHERE c.id IN (SELECT m.client_id FROM runs r JOIN messages m ON m.run_id = r.id WHERE r.campaign_id = ?);

-- name: report_attribute @mariadb
SELECT STRAIGHT_JOIN c.id, (SELECT COALESCE(a.text_value, CAST(a.number_value AS CHAR))
          FROM client_attributes a FORCE INDEX (PRIMARY) WHERE a.client_id = c.id AND a.name = ?)
  FROM (SELECT STRAIGHT_JOIN DISTINCT m.client_id FROM runs r
          JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id WHERE r.campaign_id = ?) x
  JOIN clients c FORCE INDEX (PRIMARY) ON c.id = x.client_id;

-- name: report_products @sqlite
SELECT DISTINCT k.client_id, k.product FROM contracts k
 WHERE k.client_id IN (SELECT m.client_id FROM runs r JOIN messages m ON m.run_id = r.id WHERE r.campaign_id = ?);

-- name: report_products @mariadb
SELECT STRAIGHT_JOIN DISTINCT k.client_id, k.product
  FROM (SELECT STRAIGHT_JOIN DISTINCT m.client_id FROM runs r
          JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id WHERE r.campaign_id = ?) x
  JOIN contracts k FORCE INDEX (contracts_by_client) ON k.client_id = x.client_id;

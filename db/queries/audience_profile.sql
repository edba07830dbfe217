-- One client as a whole: preview, `segment explain`, the client's page. And the waterfall of a segment.

-- name: profile_client
SELECT id, external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date, locale, time_zone,
       branch, manager, status, income_minor, value_class, occupation, industry, household, search_name, mix, created_at,
       updated_at
  FROM clients WHERE id = ?;

-- name: profile_contacts
SELECT id, channel, address, priority, verified, state FROM contacts WHERE client_id = ? ORDER BY channel, priority, id;

-- name: profile_consents
SELECT channel, purpose, granted, at, source, proof FROM consents WHERE client_id = ? ORDER BY channel, purpose;

-- name: profile_contracts
SELECT id, external_id, kind, product, status, currency, amount_minor, balance_minor, opened_on, closed_on, expires_on,
       next_payment_on, next_payment_minor, overdue_minor, overdue_since
  FROM contracts WHERE client_id = ? ORDER BY id;

-- name: profile_attributes
SELECT a.name, t.type, a.text_value, a.number_value FROM client_attributes a
  JOIN attribute_types t ON t.name = a.name WHERE a.client_id = ? ORDER BY a.name;

-- name: profile_relations
SELECT kind, related_id FROM relations WHERE client_id = ? ORDER BY kind, related_id;

-- name: profile_received
SELECT campaign_id, submitted_at FROM messages
 WHERE client_id = ? AND state IN ('accepted', 'delivered') AND submitted_at IS NOT NULL;

-- name: profile_responses
SELECT campaign_id, kind, at FROM responses WHERE client_id = ?;

-- name: segment_waterfall
-- The LIMIT keeps SQLite from computing the reason once for each place that mentions it.
SELECT r.reason, COUNT(*), SUM(r.zone_unknown) FROM (
  SELECT {reason} AS reason, CASE WHEN c.time_zone IS NULL THEN 1 ELSE 0 END AS zone_unknown
    FROM clients c {contact} WHERE ({predicate}) LIMIT 9223372036854775807) r
 GROUP BY r.reason;

-- name: segment_size
SELECT COUNT(*) FROM clients c WHERE ({predicate});

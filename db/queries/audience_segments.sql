-- name: count_segment
SELECT COUNT(*) FROM clients c WHERE ({predicate});

-- name: segment_waterfall
-- The LIMIT keeps SQLite from computing the reason once for each mention of it.
SELECT r.reason, COUNT(*), SUM(r.zone_unknown)
  FROM (SELECT {reason} AS reason, c.time_zone IS NULL AS zone_unknown
          FROM clients c {contact} WHERE ({predicate}) LIMIT 9223372036854775807) r
 GROUP BY r.reason;

-- name: client_id_by_external_id
SELECT id FROM clients WHERE external_id = ?;

-- name: client_by_id
SELECT id, external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date, locale,
       time_zone, branch, manager, status, income_minor, value_class, occupation, industry, household,
       search_name, mix, created_at, updated_at
  FROM clients WHERE id = ?;

-- name: attributes_of_client
SELECT a.name, t.type, a.text_value, a.number_value
  FROM client_attributes a JOIN attribute_types t ON t.name = a.name WHERE a.client_id = ?;

-- name: consents_of_client
SELECT channel, purpose, granted, at, source, proof FROM consents WHERE client_id = ? ORDER BY channel, purpose;

-- name: contracts_of_client
SELECT id, external_id, kind, product, status, currency, amount_minor, balance_minor, opened_on, closed_on,
       expires_on, next_payment_on, next_payment_minor, overdue_minor, overdue_since
  FROM contracts WHERE client_id = ? ORDER BY id;

-- name: relations_of_client
SELECT kind, related_id FROM relations WHERE client_id = ? ORDER BY kind, related_id;

-- name: received_by_client
SELECT campaign_id, COALESCE(submitted_at, 0) FROM messages
 WHERE client_id = ? AND state IN ('accepted', 'delivered');

-- name: responses_of_client
SELECT campaign_id, kind, at FROM responses WHERE client_id = ?;

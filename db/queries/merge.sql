-- What a message says about its client: loaded when it is composed.

-- name: merge_clients
SELECT c.id, c.locale, c.external_id, c.kind, c.last_name, c.first_name, c.middle_name, c.company_name, c.gender,
       c.birth_date, c.branch, c.manager, c.status, c.income_minor, c.occupation, c.industry
  FROM clients c WHERE c.id IN (?*);

-- name: merge_contracts
SELECT x.client_id, x.id, x.external_id, x.kind, x.product, x.status, x.currency, x.amount_minor, x.balance_minor,
       x.opened_on, x.expires_on, x.next_payment_on, x.next_payment_minor, x.overdue_minor, x.overdue_since
  FROM contracts x WHERE x.client_id IN (?*) ORDER BY x.client_id, x.id;

-- name: merge_attributes
SELECT a.client_id, a.name, a.text_value, a.number_value FROM client_attributes a WHERE a.client_id IN (?*);

-- name: merge_events
SELECT e.id, e.payload FROM events e WHERE e.id IN (?*);

-- name: attribute_types_all
SELECT name, type FROM attribute_types ORDER BY name;

-- name: client_id_of
SELECT id FROM clients WHERE external_id = ?;

-- name: most_overdue_contract
SELECT id FROM contracts WHERE client_id = ? ORDER BY overdue_minor DESC, id LIMIT 1;

-- name: has_clients
SELECT 1 FROM clients LIMIT 1;

-- name: last_client_id
-- Imports number clients themselves, so that contacts of a batch can be written without asking for each id.
SELECT COALESCE(MAX(id), 0) FROM clients;

-- name: clients_by_external_id
SELECT id, external_id, created_at, kind, last_name, first_name, middle_name, company_name, gender, birth_date,
       locale, time_zone, branch, manager, status, income_minor, occupation, industry, household
  FROM clients WHERE external_id IN ({keys});

-- name: client_ids_by_external_id
SELECT id, external_id FROM clients WHERE external_id IN ({keys});

-- name: insert_clients
INSERT INTO clients (id, external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date,
       locale, time_zone, branch, manager, status, income_minor, occupation, industry, household,
       birth_md, search_name, mix, import_id, created_at, updated_at, value_class)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]];

-- name: store_clients @sqlite
-- For clients that exist: an upsert by id is one statement for many rows on both engines.
INSERT INTO clients (id, external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date,
       locale, time_zone, branch, manager, status, income_minor, occupation, industry, household,
       birth_md, search_name, mix, import_id, created_at, updated_at, value_class)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, last_name = excluded.last_name,
       first_name = excluded.first_name, middle_name = excluded.middle_name,
       company_name = excluded.company_name, gender = excluded.gender, birth_date = excluded.birth_date,
       locale = excluded.locale, time_zone = excluded.time_zone, branch = excluded.branch,
       manager = excluded.manager, status = excluded.status, income_minor = excluded.income_minor,
       occupation = excluded.occupation, industry = excluded.industry, household = excluded.household,
       birth_md = excluded.birth_md, search_name = excluded.search_name, import_id = excluded.import_id,
       updated_at = excluded.updated_at;

-- name: store_clients @mariadb
INSERT INTO clients (id, external_id, kind, last_name, first_name, middle_name, company_name, gender, birth_date,
       locale, time_zone, branch, manager, status, income_minor, occupation, industry, household,
       birth_md, search_name, mix, import_id, created_at, updated_at, value_class)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE kind = VALUES(kind), last_name = VALUES(last_name),
       first_name = VALUES(first_name), middle_name = VALUES(middle_name),
       company_name = VALUES(company_name), gender = VALUES(gender), birth_date = VALUES(birth_date),
       locale = VALUES(locale), time_zone = VALUES(time_zone), branch = VALUES(branch),
       manager = VALUES(manager), status = VALUES(status), income_minor = VALUES(income_minor),
       occupation = VALUES(occupation), industry = VALUES(industry), household = VALUES(household),
       birth_md = VALUES(birth_md), search_name = VALUES(search_name), import_id = VALUES(import_id),
       updated_at = VALUES(updated_at);

-- name: contacts_of_clients
SELECT number, client_id, channel, address, priority, verified, state FROM contacts
 WHERE client_id IN (?*) ORDER BY client_id, channel, priority, number;

-- name: insert_contacts
INSERT INTO contacts (client_id, number, channel, address, priority, preferred, verified, updated_at)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?) ]];

-- name: replace_contact
-- A new address in the old one's place: what happened to the old one is over.
UPDATE contacts SET address = ?, verified = ?, state = 'active', updated_at = ? WHERE client_id = ? AND number = ?;

-- name: move_contact
UPDATE contacts SET priority = ?, updated_at = ? WHERE client_id = ? AND number = ?;

-- name: verify_contact
UPDATE contacts SET verified = ?, updated_at = ? WHERE client_id = ? AND number = ?;

-- name: delete_contact
DELETE FROM contacts WHERE client_id = ? AND number = ?;

-- name: set_preferred_contacts @sqlite
-- After every change to contacts: the usable one that is tried first, of each channel. Reading it is then one look.
UPDATE contacts SET preferred = NOT EXISTS (SELECT 1 FROM contacts b
   WHERE b.client_id = contacts.client_id AND b.channel = contacts.channel AND b.number <> contacts.number
     AND (b.state <> 'active', b.priority, 1 - b.verified, b.number)
       < (contacts.state <> 'active', contacts.priority, 1 - contacts.verified, contacts.number))
 WHERE client_id IN (?*);

-- name: set_preferred_contacts @mariadb
UPDATE contacts k JOIN (SELECT client_id, number, ROW_NUMBER() OVER (PARTITION BY client_id, channel
          ORDER BY state <> 'active', priority, 1 - verified, number) AS place
     FROM contacts WHERE client_id IN (?*)) p ON p.client_id = k.client_id AND p.number = k.number
   SET k.preferred = (p.place = 1);

-- name: attribute_types
SELECT name, type FROM attribute_types;

-- name: insert_attribute_type
INSERT INTO attribute_types (name, type) VALUES (?, ?);

-- name: store_attributes @sqlite
INSERT INTO client_attributes (client_id, name, text_value, number_value) VALUES [[ (?, ?, ?, ?) ]]
ON CONFLICT (client_id, name) DO UPDATE SET text_value = excluded.text_value, number_value = excluded.number_value;

-- name: store_attributes @mariadb
INSERT INTO client_attributes (client_id, name, text_value, number_value) VALUES [[ (?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE text_value = VALUES(text_value), number_value = VALUES(number_value);

-- name: delete_attribute
DELETE FROM client_attributes WHERE client_id = ? AND name = ?;

-- name: delete_relations
DELETE FROM relations WHERE client_id IN (?*) AND kind = ?;

-- name: insert_relations @sqlite
INSERT OR IGNORE INTO relations (client_id, related_id, kind) VALUES [[ (?, ?, ?) ]];

-- name: insert_relations @mariadb
INSERT INTO relations (client_id, related_id, kind) VALUES [[ (?, ?, ?) ]]
ON DUPLICATE KEY UPDATE kind = VALUES(kind);

-- name: clients_to_compare
-- What the end of an import looks at, in slices by id: a million rows at once would stand in memory on MariaDB.
SELECT id, birth_date, search_name, income_minor, value_class FROM clients WHERE id > ? ORDER BY id LIMIT 20000;

-- name: set_value_class
UPDATE clients SET value_class = ? WHERE id IN (?*);

-- name: delete_duplicates
DELETE FROM duplicates;

-- name: contacts_to_compare
SELECT client_id, CASE channel WHEN 'email' THEN 'email' ELSE 'phone' END, address FROM contacts
 WHERE client_id > ? AND client_id <= ? AND channel IN ('email', 'sms', 'call');

-- name: insert_duplicate_contacts
-- The pair was found by a digest of an address.
INSERT INTO duplicates (client_id, other_id, evidence, found_at)
SELECT DISTINCT a.client_id, b.client_id, CASE a.channel WHEN 'email' THEN 'email' ELSE 'phone' END, ?
  FROM contacts a JOIN contacts b ON b.address = a.address
 WHERE a.client_id = ? AND b.client_id = ? AND a.channel IN ('email', 'sms', 'call')
   AND b.channel IN ('email', 'sms', 'call') AND (a.channel = 'email') = (b.channel = 'email');

-- name: insert_duplicate_names
-- The pair was found by a digest of name and birth date: here it is looked at itself.
INSERT INTO duplicates (client_id, other_id, evidence, found_at)
SELECT a.id, b.id, 'name_and_birth', ? FROM clients a
  JOIN clients b ON b.search_name = a.search_name AND b.birth_date = a.birth_date
 WHERE a.id = ? AND b.id = ?;

-- name: count_duplicates
SELECT COUNT(*) FROM duplicates;

-- name: drop_contact_index @sqlite
-- Before the first import fills the table: random insertions into this index would cost more than all the rest.
DROP INDEX IF EXISTS contacts_by_address;

-- name: drop_contact_index @mariadb
DO 0;

-- name: build_contact_index @sqlite
CREATE INDEX IF NOT EXISTS contacts_by_address ON contacts (address, channel);

-- name: build_contact_index @mariadb
DO 0;

-- name: sort_on_disk @sqlite
PRAGMA temp_store = FILE;

-- name: sort_on_disk @mariadb
DO 0;

-- name: sort_in_memory @sqlite
PRAGMA temp_store = MEMORY;

-- name: sort_in_memory @mariadb
DO 0;

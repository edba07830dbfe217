-- Public pages: who holds the link, what the client has agreed to, and what he changes.

-- name: page_visitor
-- The address is the one the message went to, also after the client has got another.
SELECT m.client_id, m.campaign_id, m.channel, c.locale, c.first_name, c.external_id,
       COALESCE(x.address, k.address)
  FROM messages m JOIN clients c ON c.id = m.client_id
  LEFT JOIN message_contents x ON x.message_id = m.id
  LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.id = ?;

-- name: page_channels
SELECT DISTINCT channel FROM contacts WHERE client_id = ? AND state = 'active' ORDER BY channel;

-- name: page_consents
SELECT channel, purpose, granted FROM consents WHERE client_id = ?;

-- name: page_suppressions
-- Also of a channel that the address is not of: '*' means every one.
SELECT s.channel, s.purpose FROM suppressions s
 WHERE (s.subject = 'address' AND s.value IN (SELECT k.address FROM contacts k WHERE k.client_id = ?))
    OR (s.subject = 'client' AND s.value = ?);

-- name: page_addresses
SELECT address FROM contacts WHERE client_id = ? AND channel = ?;

-- name: lift_own_suppression
-- What the client took back himself; never what the bank or a provider put there.
DELETE FROM suppressions WHERE subject = 'address' AND channel = ? AND purpose = ? AND reason IN ('STOP', 'unsubscribed')
   AND value IN (SELECT k.address FROM contacts k WHERE k.client_id = ?);

-- name: insert_page_action @sqlite
INSERT INTO page_actions (source, external_id, message_id, at, raw) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_page_action @mariadb
INSERT IGNORE INTO page_actions (source, external_id, message_id, at, raw) VALUES (?, ?, ?, ?, ?);

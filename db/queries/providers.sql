-- Several providers behind one account: which of them had a message, and how well each answers.

-- name: due_messages_of_channel @sqlite
-- Of a channel that has room, while others have none.
SELECT id FROM messages
 WHERE run_id = ? AND state IN ('queued', 'deferred', 'held') AND due_at <= ? AND crashes BETWEEN ? AND ?
   AND channel = ?
 LIMIT ?;

-- name: due_messages_of_channel @mariadb
SELECT id FROM messages
 WHERE run_id = ? AND state IN ('queued', 'deferred', 'held') AND due_at <= ? AND crashes BETWEEN ? AND ?
   AND channel = ?
 LIMIT ? FOR UPDATE SKIP LOCKED;

-- name: put_off_messages
-- Nobody may have them yet: back to the queue, for a little later.
UPDATE messages SET state = 'queued', due_at = ?, fence = NULL WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: providers_of_messages
-- Which account had them last.
SELECT k.message_id, d.name FROM message_contents k JOIN documents d ON d.id = k.channel_id
 WHERE k.message_id IN (?*);

-- name: keep_provider_health @sqlite
INSERT INTO provider_health (channel, provider, dispatcher, state, answers, errors, p50_ms, p95_ms, in_hand, reason, at)
VALUES [[(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]]
ON CONFLICT (channel, provider, dispatcher) DO UPDATE SET state = excluded.state, answers = excluded.answers,
  errors = excluded.errors, p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms, in_hand = excluded.in_hand,
  reason = excluded.reason, at = excluded.at;

-- name: keep_provider_health @mariadb
INSERT INTO provider_health (channel, provider, dispatcher, state, answers, errors, p50_ms, p95_ms, in_hand, reason, at)
VALUES [[(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]]
ON DUPLICATE KEY UPDATE state = VALUES(state), answers = VALUES(answers), errors = VALUES(errors),
  p50_ms = VALUES(p50_ms), p95_ms = VALUES(p95_ms), in_hand = VALUES(in_hand), reason = VALUES(reason), at = VALUES(at);

-- name: forget_provider_health
-- What processes that have ended told last stays until the next one begins.
DELETE FROM provider_health WHERE dispatcher IN (SELECT id FROM dispatchers WHERE ended_at IS NOT NULL);

-- name: provider_health_list
SELECT channel, provider, dispatcher, state, answers, errors, p50_ms, p95_ms, in_hand, reason, at
  FROM provider_health ORDER BY channel, provider, dispatcher;

-- name: carried_by_provider @sqlite
-- What each provider took, in parts, pages and letters; by version of its settings, for the price stands there.
-- Counted by the number of the document first, and over an index: neither the text of the settings nor the messages' data
-- is carried along.
SELECT d.id, d.name, c.channel, c.messages, c.units, d.content
  FROM (SELECT k.channel_id, m.channel, COUNT(*) AS messages, SUM(m.units) AS units
          FROM runs r JOIN messages m ON m.run_id = r.id
               JOIN message_contents k INDEXED BY message_contents_by_channel ON k.message_id = m.id
         WHERE r.campaign_id = ? AND m.state IN ('accepted', 'delivered', 'bounced')
         GROUP BY k.channel_id, m.channel) c
       JOIN documents d ON d.id = c.channel_id
 ORDER BY c.channel, d.name, d.id;

-- name: carried_by_provider @mariadb
SELECT d.id, d.name, c.channel, c.messages, c.units, d.content
  FROM (SELECT STRAIGHT_JOIN k.channel_id, m.channel, COUNT(*) AS messages, SUM(m.units) AS units
          FROM runs r JOIN messages m FORCE INDEX (messages_by_run) ON m.run_id = r.id
               JOIN message_contents k FORCE INDEX (message_contents_by_channel) ON k.message_id = m.id
         WHERE r.campaign_id = ? AND m.state IN ('accepted', 'delivered', 'bounced')
         GROUP BY k.channel_id, m.channel) c
       JOIN documents d ON d.id = c.channel_id
 ORDER BY c.channel, d.name, d.id;

-- Runs: one for each slot of a campaign's schedule, or batch of events. The audience is frozen in chunks of client ids;
-- a chunk and the mark how far planning has come are one transaction, so a kill leaves a run that continues.

-- name: insert_run @sqlite
INSERT INTO runs (campaign_id, slot, as_of, at_time, lane, priority, state, planned_through, created_at)
VALUES (?, ?, ?, ?, ?, ?, 'planning', 0, ?) ON CONFLICT (campaign_id, slot) DO NOTHING;

-- name: insert_run @mariadb
INSERT IGNORE INTO runs (campaign_id, slot, as_of, at_time, lane, priority, state, planned_through, created_at)
VALUES (?, ?, ?, ?, ?, ?, 'planning', 0, ?);

-- name: run_of_slot
SELECT id FROM runs WHERE campaign_id = ? AND slot = ?;

-- name: insert_run_zone
INSERT INTO run_zones (run_id, time_zone, due_at, send_by) VALUES [[(?, ?, ?, ?)]];

-- name: client_zones
-- A loose index scan over the distinct zones would need an index that nothing else uses; one pass is fast enough.
SELECT DISTINCT time_zone FROM clients;

-- name: last_client
SELECT COALESCE(MAX(id), 0) FROM clients;

-- name: planning_runs
SELECT r.id, r.campaign_id, r.slot, r.as_of, r.planned_through FROM runs r JOIN campaigns c ON c.id = r.campaign_id
 WHERE r.state = 'planning' AND c.state = 'running' ORDER BY r.lane, r.id;

-- name: run_by_id
SELECT r.id, r.campaign_id, r.slot, r.as_of, r.planned_through FROM runs r WHERE r.id = ?;

-- name: advance_run
UPDATE runs SET planned_through = ? WHERE id = ? AND planned_through = ? AND state = 'planning';

-- name: freeze_run
UPDATE runs SET state = 'frozen', frozen_at = ?, matched = COALESCE(matched, 0) WHERE id = ? AND state = 'planning';

-- name: add_matched
-- Counted as the rows are written: `reconcile` compares it with the rows that stand.
UPDATE runs SET matched = COALESCE(matched, 0) + ? WHERE id = ?;

-- name: forget_run_zones
DELETE FROM run_zones WHERE run_id = ?;

-- name: freeze_chunk
-- Everyone who matches gets a row; who is left out gets the reason with it. The LIMIT keeps SQLite from pasting the
-- reasons into every place that mentions them; CROSS JOIN keeps it from storing all clients before it looks up a zone.
INSERT INTO messages (run_id, client_id, campaign_id, step, channel, variant, contact, contract_id, state, reason,
                      route, due_at, send_by)
SELECT ?, r.client_id, ?, 1, {channel}, {variant}, {contact}, {contract},
       CASE WHEN {reason} IS NOT NULL THEN 'skipped' WHEN {control} THEN 'control' ELSE 'queued' END,
       {reason}, {route}, z.due_at, z.send_by
  FROM (SELECT c.id AS client_id, c.mix AS mix, COALESCE(c.time_zone, '') AS time_zone, {columns}
          FROM clients c {contacts}
         WHERE c.id > ? AND c.id <= ? AND ({predicate})
         LIMIT 9223372036854775807) r
 CROSS JOIN run_zones z ON z.run_id = ? AND z.time_zone = r.time_zone;

-- name: forecast
-- The same choice as freeze_chunk, counted instead of written.
SELECT f.state, f.reason, f.time_zone, f.variant, COUNT(*), f.channel
  FROM (SELECT CASE WHEN {reason} IS NOT NULL THEN 'skipped' WHEN {control} THEN 'control' ELSE 'queued' END AS state,
               {reason} AS reason, r.time_zone AS time_zone, {variant} AS variant, {channel} AS channel
          FROM (SELECT c.id AS client_id, c.mix AS mix, COALESCE(c.time_zone, '') AS time_zone, {columns}
                  FROM clients c {contacts}
                 WHERE ({predicate})
                 LIMIT 9223372036854775807) r) f
 GROUP BY f.state, f.reason, f.time_zone, f.variant, f.channel;

-- name: rehearse
-- The first of those whom the freeze would choose for a channel, in an order that has nothing to do with who they are.
SELECT s.client_id, s.variant, s.contract_id, k.address, s.time_zone, s.external_id
  FROM (SELECT r.client_id AS client_id, {variant} AS variant, {contract} AS contract_id, {contact} AS contact,
               r.time_zone AS time_zone, r.external_id AS external_id, r.mix AS mix
          FROM (SELECT c.id AS client_id, c.mix AS mix, COALESCE(c.time_zone, '') AS time_zone,
                       c.external_id AS external_id, {columns}
                  FROM clients c {contacts}
                 WHERE ({predicate})
                 LIMIT 9223372036854775807) r
         WHERE {reason} IS NULL AND NOT ({control}) AND {channel} = ?
         ORDER BY r.mix, r.client_id LIMIT ?) s
  JOIN contacts k ON k.client_id = s.client_id AND k.number = s.contact
 ORDER BY s.mix, s.client_id;

-- name: skip_same_address @sqlite
-- One message for an address: the client with the lowest message id keeps it.
UPDATE messages SET state = 'skipped', reason = 'same_address'
 WHERE run_id = ? AND state = 'queued' AND id NOT IN (
   SELECT MIN(m.id) FROM messages m JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
    WHERE m.run_id = ? AND m.state = 'queued' GROUP BY k.address);

-- name: skip_same_address @mariadb
UPDATE messages SET state = 'skipped', reason = 'same_address'
 WHERE run_id = ? AND state = 'queued' AND id NOT IN (
   SELECT kept FROM (SELECT MIN(m.id) AS kept FROM messages m JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
    WHERE m.run_id = ? AND m.state = 'queued' GROUP BY k.address) x);

-- name: unused_events
-- Events a campaign has not answered yet, in order of time: those of the name it listens to, and those for it alone.
SELECT e.id, e.client_id, e.occurred_at FROM events e
 WHERE e.name IN (?, ?) AND e.occurred_at <= ? AND e.received_at >= ?
   AND NOT EXISTS (SELECT 1 FROM event_uses u WHERE u.campaign_id = ? AND u.event_id = e.id)
 ORDER BY e.occurred_at, e.id LIMIT 1000;

-- name: use_event
INSERT INTO event_uses (campaign_id, event_id, run_id) VALUES [[(?, ?, ?)]];

-- name: attach_events @sqlite
UPDATE messages SET event_id = (SELECT e.id FROM event_uses u JOIN events e ON e.id = u.event_id
                                 WHERE u.campaign_id = ? AND u.run_id = ? AND e.client_id = messages.client_id)
 WHERE run_id = ?;

-- name: attach_events @mariadb
UPDATE messages m JOIN event_uses u ON u.campaign_id = ? AND u.run_id = ?
                  JOIN events e ON e.id = u.event_id AND e.client_id = m.client_id
   SET m.event_id = e.id
 WHERE m.run_id = ?;

-- name: insert_event @sqlite
INSERT INTO events (name, event_key, client_id, payload, occurred_at, received_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (event_key) DO NOTHING;

-- name: insert_event @mariadb
INSERT IGNORE INTO events (name, event_key, client_id, payload, occurred_at, received_at) VALUES (?, ?, ?, ?, ?, ?);

-- name: plan_next_step
-- After the wait: the next step's row for everyone whose last message of the step before is in one of {states}. Whoever
-- answered meanwhile gets the row with the reason.
INSERT INTO messages (run_id, client_id, campaign_id, step, channel, variant, contact, contract_id, event_id, state,
                      reason, route, due_at, send_by)
SELECT r.run_id, r.client_id, r.campaign_id, r.step + 1, {channel}, r.variant, {contact}, r.contract_id, r.event_id,
       CASE WHEN r.answered = 1 OR r.delivered = 1 OR {reason} IS NOT NULL THEN 'skipped' ELSE 'queued' END,
       CASE WHEN r.answered = 1 THEN 'responded' WHEN r.delivered = 1 THEN 'delivered_before' ELSE {reason} END,
       {route}, ?, ?
  FROM (SELECT /*! STRAIGHT_JOIN */ p.run_id, p.client_id, p.campaign_id, p.step, p.variant, p.contract_id, p.event_id,
               CASE WHEN ? = 1 AND EXISTS (SELECT 1 FROM responses a WHERE a.client_id = p.client_id
                         AND a.campaign_id = p.campaign_id AND a.at >= p.submitted_at) THEN 1 ELSE 0 END AS answered,
               CASE WHEN ? = 1 AND p.state IN ('accepted', 'delivered') THEN 1 ELSE 0 END AS delivered,
               {columns}
          FROM messages p /*! FORCE INDEX (messages_by_run) */
               JOIN clients c /*! FORCE INDEX (PRIMARY) */ ON c.id = p.client_id {contacts}
         WHERE p.run_id = ? AND p.step = ? AND COALESCE(p.finished_at, p.due_at) <= ? AND ({states})
           AND (SELECT 1 FROM messages n /*! FORCE INDEX (client_id) */
                 WHERE n.client_id = p.client_id AND n.run_id = p.run_id
                   AND (n.step = p.step + 1 OR (n.step = p.step AND n.id > p.id)) LIMIT 1) IS NULL
         ORDER BY p.id LIMIT 20000) r;

-- name: next_step_due
-- When the first of those who wait for the next step has ended the one before; NULL when nobody waits.
SELECT MIN(COALESCE(p.finished_at, p.due_at)) FROM messages p /*! FORCE INDEX (messages_by_run) */
 WHERE p.run_id = ? AND p.step = ? AND ({states})
   AND (SELECT 1 FROM messages n /*! FORCE INDEX (client_id) */
         WHERE n.client_id = p.client_id AND n.run_id = p.run_id
           AND (n.step = p.step + 1 OR (n.step = p.step AND n.id > p.id)) LIMIT 1) IS NULL;

-- name: plan_fallback
-- The next channel of the same step for everyone whom the last one did not reach ({missed}, ready by now). A client
-- for whom no channel is left gets a row that says so, once.
INSERT INTO messages (run_id, client_id, campaign_id, step, channel, variant, contact, contract_id, event_id, state,
                      reason, route, due_at, send_by)
SELECT r.run_id, r.client_id, r.campaign_id, r.step, {channel}, r.variant, {contact}, r.contract_id, r.event_id,
       CASE WHEN {reason} IS NOT NULL THEN 'skipped' ELSE 'queued' END, {reason}, {route}, ?, ?
  FROM (SELECT /*! STRAIGHT_JOIN */ p.run_id, p.client_id, p.campaign_id, p.step, p.variant, p.contract_id, p.event_id,
               {columns}
          FROM messages p /*! FORCE INDEX (messages_by_run) */
               JOIN clients c /*! FORCE INDEX (PRIMARY) */ ON c.id = p.client_id {contacts}
         WHERE p.run_id = ? AND p.step = ? AND {missed} <= ?
           AND (SELECT 1 FROM messages n /*! FORCE INDEX (client_id) */
                 WHERE n.client_id = p.client_id AND n.run_id = p.run_id AND n.step >= p.step AND n.id > p.id LIMIT 1) IS NULL
           AND (SELECT COUNT(*) FROM messages t /*! FORCE INDEX (client_id) */
                 WHERE t.client_id = p.client_id AND t.run_id = p.run_id AND t.step = p.step) < ?
         ORDER BY p.id LIMIT 20000) r;

-- name: next_fallback_due
SELECT MIN({missed}) FROM messages p /*! FORCE INDEX (messages_by_run) */
 WHERE p.run_id = ? AND p.step = ? AND {missed} IS NOT NULL
   AND (SELECT 1 FROM messages n /*! FORCE INDEX (client_id) */
         WHERE n.client_id = p.client_id AND n.run_id = p.run_id AND n.step >= p.step AND n.id > p.id LIMIT 1) IS NULL
   AND (SELECT COUNT(*) FROM messages t /*! FORCE INDEX (client_id) */
         WHERE t.client_id = p.client_id AND t.run_id = p.run_id AND t.step = p.step) < ?;

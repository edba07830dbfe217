-- header: api_queries
-- What the app's first screens and lists ask for, where a bank of a million clients would feel it.

-- name: clients_after
-- The branches a caller sees stand between line ends; '' is all of them.
SELECT c.id FROM clients c
 WHERE c.id > ? AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0) ORDER BY c.id LIMIT ?;

-- name: clients_by_part_of_name
SELECT c.id FROM clients c
 WHERE c.id > ? AND c.id <= ? AND INSTR(c.search_name, ?) > 0
   AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY c.id LIMIT ?;

-- name: runs_shown
-- Those of campaigns that a first screen shows, and those that began lately.
SELECT r.id, r.campaign_id, CASE WHEN r.created_at >= ? THEN 1 ELSE 0 END FROM runs r
 WHERE r.campaign_id IN (?*) OR r.created_at >= ?;

-- name: states_of_runs
-- In the order of the index of runs and states: nothing is sorted, no row is read.
SELECT m.run_id, m.state, COUNT(*) FROM messages m /*! FORCE INDEX (messages_by_run) */
 WHERE m.run_id IN (SELECT r.id FROM runs r WHERE r.campaign_id IN (?*) OR r.created_at >= ?)
 GROUP BY m.run_id, m.state;

-- name: last_message_id
SELECT COALESCE(MAX(id), 0) FROM messages;

-- name: newest_messages_in
-- The newest of some states, which stand between line ends, among the ids of a range.
SELECT m.id FROM messages m WHERE m.id > ? AND m.id < ? AND INSTR(?, CHAR(10) || m.state || CHAR(10)) > 0
 ORDER BY m.id DESC LIMIT ?;

-- name: messages_in_state
-- From the index of runs and states alone; the campaign is 0 for all.
SELECT m.id FROM messages m
 WHERE m.run_id IN (SELECT r.id FROM runs r WHERE ? = 0 OR r.campaign_id = ?) AND m.state = ? AND m.id < ?
 ORDER BY m.id DESC LIMIT ?;

-- name: messages_by_id
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.id IN (?*) ORDER BY m.id DESC;

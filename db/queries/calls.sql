-- Call tasks: made with the submission, claimed by a person or a dialler, closed with a disposition.

-- name: insert_call_tasks @sqlite
INSERT INTO call_tasks (message_id, client_id, state, due_at, send_by, manager)
SELECT m.id, m.client_id, 'open', ?, m.send_by, c.manager FROM messages m JOIN clients c ON c.id = m.client_id
 WHERE m.id IN (?*) ON CONFLICT (message_id) DO NOTHING;

-- name: insert_call_tasks @mariadb
INSERT IGNORE INTO call_tasks (message_id, client_id, state, due_at, send_by, manager)
SELECT m.id, m.client_id, 'open', ?, m.send_by, c.manager FROM messages m JOIN clients c ON c.id = m.client_id
 WHERE m.id IN (?*);

-- name: settle_call_tasks
-- A task that stands is a task accepted, also when the process died before it could say so.
UPDATE messages SET state = 'accepted', finished_at = ?
 WHERE state = 'uncertain' AND channel = 'call' AND id IN (SELECT message_id FROM call_tasks WHERE state <> 'closed');

-- name: call_tasks_due
-- Due and not in anybody's hands; a claim that ran out is free again.
SELECT t.message_id, m.run_id, m.client_id, m.step, m.variant, t.calls, c.time_zone
  FROM call_tasks t JOIN messages m ON m.id = t.message_id JOIN clients c ON c.id = t.client_id
 WHERE (t.state = 'open' OR (t.state = 'claimed' AND t.claimed_until <= ?)) AND t.due_at <= ?
   AND (? = '' OR t.manager = ?)
 ORDER BY t.due_at, t.message_id LIMIT 50;

-- name: claim_call_task
UPDATE call_tasks SET state = 'claimed', claimed_by = ?, claimed_until = ?
 WHERE message_id = ? AND (state = 'open' OR (state = 'claimed' AND claimed_until <= ?));

-- name: postpone_call_task
UPDATE call_tasks SET due_at = ? WHERE message_id = ? AND state = 'open';

-- name: call_task
SELECT t.message_id, t.state, t.due_at, t.calls, t.claimed_by, t.claimed_until, t.disposition, t.note,
       c.external_id, g.name, k.address, m.run_id, m.client_id, m.step, m.variant, m.contact, m.campaign_id,
       c.time_zone, t.manager
  FROM call_tasks t JOIN messages m ON m.id = t.message_id JOIN clients c ON c.id = t.client_id
  JOIN campaigns g ON g.id = m.campaign_id
  LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE t.message_id = ?;

-- name: call_task_ids
SELECT message_id FROM call_tasks WHERE (? = '' OR state = ?) AND (? = '' OR manager = ?)
 ORDER BY due_at, message_id LIMIT ?;

-- name: close_call_task
UPDATE call_tasks SET state = 'closed', disposition = ?, note = ?, calls = calls + ?, closed_at = ?,
       claimed_by = ?, claimed_until = NULL
 WHERE message_id = ? AND state <> 'closed';

-- name: reopen_call_task
UPDATE call_tasks SET state = 'open', disposition = ?, note = ?, calls = calls + 1, due_at = ?,
       claimed_by = NULL, claimed_until = NULL
 WHERE message_id = ? AND state <> 'closed';

-- name: cancel_call_message
-- Before anybody rang: the task has lost its reason.
UPDATE messages SET state = 'cancelled', reason = ?, finished_at = ? WHERE id = ? AND state = 'accepted';

-- name: settle_call_message
UPDATE messages SET state = ?, reason = ?, finished_at = ?
 WHERE id = ? AND state IN ('accepted', 'uncertain', 'closed_unknown');

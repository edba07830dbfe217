-- What people at screens ask for: lists with cursors, counts, one thing by its key.

-- name: desk_document
SELECT id, version, hash, content, created_by, created_at FROM documents
 WHERE kind = ? AND name = ? ORDER BY version DESC LIMIT 1;

-- name: desk_document_version
SELECT id, version, hash, content, created_by, created_at FROM documents
 WHERE kind = ? AND name = ? AND version = ?;

-- name: desk_versions
SELECT version, hash, created_by, created_at FROM documents WHERE kind = ? AND name = ? ORDER BY version DESC;

-- name: desk_documents_after
SELECT d.id, d.name, d.version, d.hash, d.content, d.created_by, d.created_at FROM documents d
 WHERE d.kind = ? AND d.name > ?
   AND d.version = (SELECT MAX(x.version) FROM documents x WHERE x.kind = d.kind AND x.name = d.name)
 ORDER BY d.name LIMIT ?;

-- name: desk_delete_documents
DELETE FROM documents WHERE kind = ? AND name = ?;

-- name: desk_bound_document
-- A version that a campaign was approved with stays, so that what was sent can be shown.
SELECT COUNT(*) FROM campaign_bindings WHERE kind = ? AND name = ?;

-- name: desk_campaigns_after
SELECT g.name, g.state, g.state_reason, g.edited_by, g.submitted_by, g.approved_by, g.started_at, g.updated_at,
       d.content, d.version, d.hash, g.id, l.takes_effect_at
  FROM campaigns g JOIN documents d ON d.id = g.document_id LEFT JOIN campaign_launches l ON l.campaign_id = g.id
 WHERE g.name > ? ORDER BY g.name LIMIT ?;

-- name: desk_campaign
SELECT g.name, g.state, g.state_reason, g.edited_by, g.submitted_by, g.approved_by, g.started_at, g.updated_at,
       d.content, d.version, d.hash, g.id, l.takes_effect_at
  FROM campaigns g JOIN documents d ON d.id = g.document_id LEFT JOIN campaign_launches l ON l.campaign_id = g.id
 WHERE g.name = ?;

-- name: desk_reject_campaign
UPDATE campaigns SET state = 'draft', state_reason = ?, submitted_by = NULL, updated_at = ?
 WHERE id = ? AND state = 'submitted';

-- name: desk_campaign_states
SELECT state, COUNT(*) FROM campaigns GROUP BY state;

-- name: desk_progress
-- By the index of runs and states; channels come from the rows.
SELECT /*! STRAIGHT_JOIN */ m.channel, m.state, COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? GROUP BY m.channel, m.state;

-- name: desk_next_due
SELECT /*! STRAIGHT_JOIN */ MIN(m.due_at)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? AND r.settled_at IS NULL AND m.state IN ('queued', 'deferred', 'held');

-- name: desk_open_runs
SELECT COUNT(*) FROM runs WHERE campaign_id = ? AND settled_at IS NULL;

-- name: desk_failures
-- Many, because providers quote addresses: what differs in nothing else is put together afterwards.
SELECT /*! STRAIGHT_JOIN */ m.state, m.channel, COALESCE(m.reason, ''), COUNT(*), MIN(m.id)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? AND m.state IN ('failed', 'bounced', 'uncertain', 'expired', 'quarantined', 'deferred',
       'suppressed', 'closed_unknown')
 GROUP BY m.state, m.channel, COALESCE(m.reason, '') ORDER BY COUNT(*) DESC LIMIT 5000;

-- name: desk_failure_samples
SELECT /*! STRAIGHT_JOIN */ m.id
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? AND m.state = ? AND m.channel = ? AND COALESCE(m.reason, '') = ? ORDER BY m.id LIMIT 5;

-- name: desk_audit_before
SELECT seq, at, actor, action, object, before_hash, after_hash, detail FROM audit
 WHERE seq < ? AND (? = '' OR object = ?) AND (? = '' OR actor = ?) ORDER BY seq DESC LIMIT ?;

-- name: desk_clients_in
SELECT c.id, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), c.status, COALESCE(c.branch, ''), c.locale
  FROM clients c
 WHERE c.id IN (?*) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0) ORDER BY c.id;

-- name: desk_client_branch
SELECT c.id, COALESCE(c.branch, '') FROM clients c WHERE c.external_id = ?;

-- name: desk_ids_by_address
SELECT DISTINCT client_id FROM contacts WHERE address = ? LIMIT 200;

-- name: desk_segment_sample
SELECT c.id FROM clients c WHERE ({predicate}) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0) ORDER BY c.id LIMIT ?;

-- name: desk_segment_sample_mixed
-- By the clients' own coordinates from a point on: as good as drawn, and the same on both engines.
SELECT c.id FROM clients c WHERE ({predicate}) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY CASE WHEN c.mix >= ? THEN 0 ELSE 1 END, c.mix LIMIT ?;

-- name: desk_message
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.id = ? AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0);

-- name: desk_messages
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.id < ? AND (? = '' OR INSTR(?, CHAR(10) || m.state || CHAR(10)) > 0)
   AND (? = '' OR m.channel = ?) AND (? = '' OR m.reason = ?) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY m.id DESC LIMIT ?;

-- name: desk_messages_of_campaign
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.run_id IN (SELECT r.id FROM runs r WHERE r.campaign_id = ?) AND m.id < ? AND (? = '' OR INSTR(?, CHAR(10) || m.state || CHAR(10)) > 0)
   AND (? = '' OR m.channel = ?) AND (? = '' OR m.reason = ?) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY m.id DESC LIMIT ?;

-- name: desk_messages_of_client
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.client_id = ? AND m.id < ? AND (? = '' OR INSTR(?, CHAR(10) || m.state || CHAR(10)) > 0)
   AND (? = '' OR m.channel = ?) AND (? = '' OR m.reason = ?) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY m.id DESC LIMIT ?;

-- name: desk_event_client
SELECT client_id FROM events WHERE id = ?;

-- name: desk_messages_of_event
SELECT m.id, g.name, c.external_id, c.kind, COALESCE(c.company_name, ''), COALESCE(c.last_name, ''), COALESCE(c.first_name, ''),
       COALESCE(c.middle_name, ''), m.step, m.channel, m.variant, m.state,
       COALESCE(m.reason, ''), m.due_at, m.submitted_at, m.finished_at, m.attempt, m.units,
       COALESCE(o.address, k.address, ''), COALESCE(m.provider_ref, ''), COALESCE(m.route, ''), m.run_id, g.state
  FROM messages m JOIN campaigns g ON g.id = m.campaign_id JOIN clients c ON c.id = m.client_id
       LEFT JOIN message_contents o ON o.message_id = m.id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.client_id = ? AND m.event_id = ? AND m.id < ? AND (? = '' OR INSTR(?, CHAR(10) || m.state || CHAR(10)) > 0)
   AND (? = '' OR m.channel = ?) AND (? = '' OR m.reason = ?) AND (? = '' OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY m.id DESC LIMIT ?;

-- name: desk_retry_message
-- Only where no provider can have it.
UPDATE messages SET state = 'queued', reason = NULL, finished_at = NULL, due_at = ?, send_by = NULL, attempt = 0,
       crashes = 0, fence = NULL, left_provider = NULL
 WHERE id = ? AND state IN ('failed', 'quarantined');

-- name: desk_content_document
SELECT name, version FROM documents WHERE id = ?;

-- name: desk_event_id
SELECT id FROM events WHERE event_key = ?;

-- name: desk_tasks_after
SELECT t.id, t.kind, COALESCE(t.manager, ''), COALESCE(c.external_id, ''), COALESCE(g.name, ''), t.text, t.created_at,
       t.done_at
  FROM manager_tasks t LEFT JOIN clients c ON c.id = t.client_id LEFT JOIN campaigns g ON g.id = t.campaign_id
 WHERE t.id > ? AND (CASE WHEN t.done_at IS NULL THEN 0 ELSE 1 END) = ? AND (? = '' OR t.manager = ?)
   AND (? = '' OR t.client_id IS NULL OR INSTR(?, CHAR(10) || c.branch || CHAR(10)) > 0)
 ORDER BY t.id LIMIT ?;

-- name: desk_task
SELECT t.done_at, COALESCE(c.branch, ''), t.client_id FROM manager_tasks t LEFT JOIN clients c ON c.id = t.client_id
 WHERE t.id = ?;

-- name: desk_finish_task
UPDATE manager_tasks SET done_at = ? WHERE id = ? AND done_at IS NULL;

-- name: desk_open_tasks
SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM manager_tasks WHERE done_at IS NULL AND manager = ?;

-- name: desk_imports_before
SELECT id, kind, file, state, rows_imported, rows_rejected, started_at, finished_at FROM imports
 WHERE id < ? ORDER BY id DESC LIMIT ?;

-- name: desk_waiting_campaigns
SELECT g.name, g.state, COALESCE(g.state_reason, ''), g.edited_by, g.updated_at, d.content FROM campaigns g
  JOIN documents d ON d.id = g.document_id
 WHERE g.state IN ('submitted', 'approved', 'running', 'paused') OR (g.state = 'draft' AND g.state_reason IS NOT NULL)
 ORDER BY g.updated_at DESC LIMIT 100;

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
       d.content, d.version, d.hash, g.id
  FROM campaigns g JOIN documents d ON d.id = g.document_id
 WHERE g.name > ? ORDER BY g.name LIMIT ?;

-- name: desk_campaign
SELECT g.name, g.state, g.state_reason, g.edited_by, g.submitted_by, g.approved_by, g.started_at, g.updated_at,
       d.content, d.version, d.hash, g.id
  FROM campaigns g JOIN documents d ON d.id = g.document_id
 WHERE g.name = ?;

-- name: desk_reject_campaign
UPDATE campaigns SET state = 'draft', state_reason = ?, submitted_by = NULL, updated_at = ?
 WHERE id = ? AND state = 'submitted';

-- name: desk_campaign_states
SELECT state, COUNT(*) FROM campaigns GROUP BY state;

-- name: desk_progress
-- By the index of runs and states; channels come from the rows.
SELECT m.channel, m.state, COUNT(*) FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? GROUP BY m.channel, m.state;

-- name: desk_sent_since
SELECT COUNT(*) FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND m.submitted_at >= ?;

-- name: desk_next_due
SELECT MIN(m.due_at) FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND r.settled_at IS NULL AND m.state IN ('queued', 'deferred', 'held');

-- name: desk_open_runs
SELECT COUNT(*) FROM runs WHERE campaign_id = ? AND settled_at IS NULL;

-- name: desk_failures
SELECT m.state, m.channel, COALESCE(m.reason, ''), COUNT(*), MIN(m.id) FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND m.state IN ('failed', 'bounced', 'uncertain', 'expired', 'quarantined', 'deferred',
       'suppressed', 'closed_unknown')
 GROUP BY m.state, m.channel, COALESCE(m.reason, '') ORDER BY COUNT(*) DESC LIMIT 50;

-- name: desk_failure_samples
SELECT m.id FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND m.state = ? AND m.channel = ? AND COALESCE(m.reason, '') = ? ORDER BY m.id LIMIT 5;

-- name: campaign_bindings_of
SELECT document_id FROM campaign_bindings WHERE campaign_id = ? ORDER BY kind, name;

-- name: bind_document
INSERT INTO campaign_bindings (campaign_id, kind, name, document_id) VALUES (?, ?, ?, ?);

-- name: unbind_documents
DELETE FROM campaign_bindings WHERE campaign_id = ?;

-- name: campaign_by_name
SELECT id, name, state, state_reason, document_id, edited_by, submitted_by, approved_by, approved_hash, planned_to,
       started_at
  FROM campaigns WHERE name = ?;

-- name: campaign_by_id
SELECT id, name, state, state_reason, document_id, edited_by, submitted_by, approved_by, approved_hash, planned_to,
       started_at
  FROM campaigns WHERE id = ?;

-- name: campaigns_all
SELECT id, name, state, state_reason, document_id, edited_by, submitted_by, approved_by, approved_hash, planned_to,
       started_at
  FROM campaigns ORDER BY name;

-- name: insert_campaign
INSERT INTO campaigns (name, document_id, state, edited_by, updated_at) VALUES (?, ?, 'draft', ?, ?);

-- name: edit_campaign
-- An edit makes a draft again and voids what was approved.
UPDATE campaigns SET document_id = ?, state = 'draft', state_reason = NULL, edited_by = ?, submitted_by = NULL,
       approved_by = NULL, approved_hash = NULL, updated_at = ?
 WHERE id = ? AND state = ?;

-- name: submit_campaign
UPDATE campaigns SET state = 'submitted', submitted_by = ?, updated_at = ? WHERE id = ? AND state = 'draft';

-- name: approve_campaign
UPDATE campaigns SET state = 'approved', approved_by = ?, approved_hash = ?, updated_at = ?
 WHERE id = ? AND state = 'submitted';

-- name: start_campaign
UPDATE campaigns SET state = 'running', state_reason = NULL, started_at = ?, planned_to = ?, updated_at = ?
 WHERE id = ? AND state = 'approved';

-- name: move_campaign
UPDATE campaigns SET state = ?, state_reason = ?, updated_at = ? WHERE id = ? AND state = ?;

-- name: advance_planning
UPDATE campaigns SET planned_to = ? WHERE id = ?;

-- name: cancel_messages @sqlite
-- What was in doubt and is asked for again may have arrived: the books must not say that it did not.
UPDATE messages SET state = CASE WHEN resends > 0 THEN 'closed_unknown' ELSE 'cancelled' END, reason = 'campaign_cancelled', finished_at = ?, fence = NULL
 WHERE run_id IN (SELECT id FROM runs WHERE campaign_id = ? AND settled_at IS NULL)
   AND state IN ('queued', 'deferred', 'held');

-- name: cancel_messages @mariadb
UPDATE messages m JOIN runs r ON r.id = m.run_id
   SET m.state = CASE WHEN m.resends > 0 THEN 'closed_unknown' ELSE 'cancelled' END, m.reason = 'campaign_cancelled', m.finished_at = ?, m.fence = NULL
 WHERE r.campaign_id = ? AND r.settled_at IS NULL AND m.state IN ('queued', 'deferred', 'held');

-- name: campaigns_running
-- A start, a resume and nothing else touches a campaign that runs: `updated_at` is the moment it began to.
SELECT id, name, updated_at FROM campaigns WHERE state = 'running' ORDER BY id;

-- name: failed_since
SELECT /*! STRAIGHT_JOIN */ COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id AND m.state IN ('failed', 'bounced')
 WHERE r.campaign_id = ? AND m.finished_at >= ?;

-- name: sent_since
SELECT COUNT(*) FROM (
  SELECT /*! STRAIGHT_JOIN */ m.id
    FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */
      ON m.run_id = r.id AND m.state IN ('accepted', 'delivered')
   WHERE r.campaign_id = ? AND m.finished_at >= ? LIMIT ?) x;

-- name: commonest_failure
SELECT /*! STRAIGHT_JOIN */ COALESCE(MIN(m.reason), '')
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id AND m.state IN ('failed', 'bounced')
 WHERE r.campaign_id = ? AND m.finished_at >= ? GROUP BY m.reason ORDER BY COUNT(*) DESC, m.reason LIMIT 1;

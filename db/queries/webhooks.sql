-- header: webhook_queries
-- Outgoing webhooks: receivers, and the outbox of what they are to be told.

-- name: webhook_subscribers
-- Asked once in every transaction that has something to tell: with no receiver that is all it costs.
SELECT id, kinds FROM webhooks WHERE state = 'active';

-- name: insert_webhook_deliveries
INSERT INTO webhook_deliveries (webhook_id, kind, subject, state, reason, at, next_try_at)
VALUES [[(?, ?, ?, ?, ?, ?, ?)]];

-- name: webhook_response_id
SELECT id FROM responses WHERE source = ? AND external_id = ?;

-- name: accepted_of
SELECT id FROM messages WHERE id IN (?*) AND state = 'accepted';

-- name: insert_webhook
INSERT INTO webhooks (id, name, url, kinds, secret, state, state_reason, created_by, created_at)
VALUES (?, ?, ?, ?, ?, 'active', '', ?, ?);

-- name: webhooks_after
SELECT w.id, w.name, w.url, w.kinds, w.state, w.state_reason, w.created_by, w.created_at, w.delivered, w.delivered_at,
       w.failing_since, w.last_error,
       (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_try_at >= 0),
       (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_try_at IS NULL)
  FROM webhooks w WHERE w.name > ? ORDER BY w.name LIMIT ?;

-- name: webhook_by_name
SELECT w.id, w.name, w.url, w.kinds, w.state, w.state_reason, w.created_by, w.created_at, w.delivered, w.delivered_at,
       w.failing_since, w.last_error,
       (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_try_at >= 0),
       (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_try_at IS NULL)
  FROM webhooks w WHERE w.name = ?;

-- name: webhook_secret
SELECT secret FROM webhooks WHERE id = ?;

-- name: set_webhook_secret
UPDATE webhooks SET secret = ? WHERE id = ?;

-- name: delete_webhook
DELETE FROM webhooks WHERE id = ?;

-- name: delete_webhook_deliveries
DELETE FROM webhook_deliveries WHERE webhook_id = ?;

-- name: enable_webhook
UPDATE webhooks SET state = 'active', state_reason = '', failing_since = NULL, failures = 0, next_try_at = 0
 WHERE id = ?;

-- name: disable_webhook
UPDATE webhooks SET state = 'disabled', state_reason = ? WHERE id = ? AND state = 'active';

-- name: give_up_webhook_deliveries
-- Of a receiver that was switched off: they stay to be looked at and sent again.
UPDATE webhook_deliveries SET next_try_at = NULL WHERE webhook_id = ? AND next_try_at IS NOT NULL;

-- name: webhook_given_up
SELECT d.id, d.kind, d.subject, d.state, d.reason, d.at, d.attempts, COALESCE(d.last_error, '')
  FROM webhook_deliveries d
 WHERE d.webhook_id = ? AND d.next_try_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ?;

-- name: resend_webhook_deliveries
UPDATE webhook_deliveries SET next_try_at = 0, told_since = 0, attempts = 0
 WHERE webhook_id = ? AND next_try_at IS NULL;

-- name: forget_webhook_deliveries
-- What nobody wanted to see or send again.
DELETE FROM webhook_deliveries WHERE next_try_at IS NULL AND told_since < ?;

-- name: webhooks_to_serve
SELECT id, name, url, secret, failures, failing_since, next_try_at FROM webhooks WHERE state = 'active' ORDER BY id;

-- name: lease_webhook
-- One process delivers to a receiver at a time; another takes over when it falls silent.
UPDATE webhooks SET leased_by = ?, leased_until = ? WHERE id = ? AND (leased_by = ? OR leased_until <= ?);

-- name: release_webhooks
UPDATE webhooks SET leased_until = 0 WHERE leased_by = ?;

-- name: webhook_has_due
SELECT 1 FROM webhook_deliveries WHERE webhook_id = ? AND next_try_at <= ? LIMIT 1;

-- name: due_webhook_deliveries
-- With the ids a receiver knows things by. What was erased meanwhile has none.
SELECT d.id, d.kind, d.subject, d.state, d.reason, d.at, d.attempts, d.told_since,
       COALESCE(m.id, r.message_id), COALESCE(c.external_id, ''), COALESCE(g.name, ''), COALESCE(m.channel, ''),
       COALESCE(u.slot, '')
  FROM webhook_deliveries d
  LEFT JOIN messages m ON m.id = CASE WHEN SUBSTR(d.kind, 1, 8) = 'message.' THEN d.subject END
  LEFT JOIN responses r ON r.id = CASE WHEN SUBSTR(d.kind, 1, 8) = 'response' THEN d.subject END
  LEFT JOIN runs u ON u.id = CASE WHEN d.kind = 'run.finished' THEN d.subject END
  LEFT JOIN clients c ON c.id = COALESCE(m.client_id, r.client_id)
  LEFT JOIN campaigns g ON g.id = COALESCE(m.campaign_id, r.campaign_id, u.campaign_id,
                                           CASE WHEN SUBSTR(d.kind, 1, 9) = 'campaign.' THEN d.subject END)
 WHERE d.webhook_id = ? AND d.next_try_at <= ? ORDER BY d.next_try_at, d.id LIMIT ?;

-- name: keep_webhook_lease
-- First in the transaction that records what became of deliveries: ids of rows come back, so whoever lost the lease
-- must not touch them.
UPDATE webhooks SET leased_until = ? WHERE id = ? AND leased_by = ?;

-- name: webhook_deliveries_done
DELETE FROM webhook_deliveries WHERE webhook_id = ? AND id IN (?*);

-- name: webhook_delivery_failed
UPDATE webhook_deliveries
   SET attempts = attempts + 1, next_try_at = ?, last_error = ?,
       told_since = CASE WHEN told_since = 0 THEN ? ELSE told_since END
 WHERE webhook_id = ? AND id = ?;

-- name: webhook_answered
UPDATE webhooks SET delivered = delivered + ?, delivered_at = ?, failing_since = NULL, failures = 0, next_try_at = 0
 WHERE id = ?;

-- name: webhook_failing
UPDATE webhooks SET failures = ?, failing_since = COALESCE(failing_since, ?), next_try_at = ?, last_error = ?
 WHERE id = ?;

-- Letters and faxes that were accepted and are wanted back. Asked for by people, answered by whoever has the channel open.

-- name: message_to_cancel
SELECT m.state, m.channel, c.name FROM messages m JOIN runs r ON r.id = m.run_id JOIN campaigns c ON c.id = r.campaign_id
 WHERE m.id = ?;

-- name: cancel_one_message
-- Before it is submitted. What was in doubt and is asked for again may have arrived.
UPDATE messages SET state = CASE WHEN resends > 0 THEN 'closed_unknown' ELSE 'cancelled' END, reason = 'cancelled_by_hand',
       finished_at = ?, fence = NULL
 WHERE id = ? AND state IN ('planned', 'queued', 'deferred', 'held');

-- name: ask_recall
INSERT INTO message_recalls (message_id, asked_at) SELECT m.id, ? FROM messages m
 WHERE m.id = ? AND m.state = 'accepted' AND NOT EXISTS (SELECT 1 FROM message_recalls k WHERE k.message_id = m.id);

-- name: ask_recalls_of_campaign
-- Only these channels may still hold what they have accepted.
INSERT INTO message_recalls (message_id, asked_at)
SELECT m.id, ? FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND m.state = 'accepted' AND m.channel IN ('letter', 'fax')
   AND NOT EXISTS (SELECT 1 FROM message_recalls k WHERE k.message_id = m.id);

-- name: open_recalls
SELECT k.message_id, m.run_id, x.channel_id
  FROM message_recalls k JOIN messages m ON m.id = k.message_id LEFT JOIN message_contents x ON x.message_id = k.message_id
 WHERE k.answered_at IS NULL ORDER BY k.asked_at, k.message_id LIMIT 100;

-- name: answer_recall
UPDATE message_recalls SET answered_at = ?, answer = ? WHERE message_id = ? AND answered_at IS NULL;

-- name: recall_message
UPDATE messages SET state = 'cancelled', reason = 'called_back', finished_at = ? WHERE id = ? AND state = 'accepted';

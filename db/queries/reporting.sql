-- Reads only: report, explain, reconcile.

-- name: messages_of_client
SELECT m.id, g.name, r.slot, r.created_at, r.frozen_at, m.step, m.channel, m.variant, m.state, m.reason, m.due_at,
       m.send_by, m.attempt, m.submitted_at, m.finished_at, m.provider_ref, k.address, r.campaign_id,
       m.route, m.units, d.name, o.passed_over
  FROM messages m JOIN runs r ON r.id = m.run_id JOIN campaigns g ON g.id = m.campaign_id
       LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
       LEFT JOIN message_contents o ON o.message_id = m.id LEFT JOIN documents d ON d.id = o.channel_id
 WHERE m.client_id = ? ORDER BY r.created_at, m.id;

-- name: events_of_message
SELECT at, from_state, to_state, reason FROM message_events WHERE message_id = ? ORDER BY at, id;

-- name: consent_history_of
SELECT channel, purpose, granted, at, source, proof FROM consent_history WHERE client_id = ? ORDER BY at, id;

-- name: suppressions_of_client
SELECT s.subject, s.value, s.channel, s.purpose, s.reason, s.source, s.at FROM suppressions s
 WHERE (s.subject = 'client' AND s.value = ?)
    OR (s.subject = 'address' AND s.value IN (SELECT k.address FROM contacts k WHERE k.client_id = ?))
 ORDER BY s.at;

-- name: events_of_client
SELECT name, event_key, occurred_at, received_at, payload FROM events WHERE client_id = ? ORDER BY occurred_at, id;

-- name: message_for_show
SELECT m.campaign_id, m.step, m.variant, m.run_id, m.channel FROM messages m WHERE m.id = ?;

-- name: runs_not_adding_up
-- I1, I6: a frozen run has a first-step row for each client it matched, and a second one where a channel was left for the next.
SELECT r.id, r.slot, r.matched, COUNT(DISTINCT m.client_id) FROM runs r
  LEFT JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id AND m.step = 1
 WHERE r.state = 'frozen' AND (? = 0 OR r.campaign_id = ?)
 GROUP BY r.id, r.slot, r.matched HAVING COUNT(DISTINCT m.client_id) <> r.matched;

-- name: settled_runs_with_open
-- I6: the cache "settled" against the rows.
SELECT /*! STRAIGHT_JOIN */ r.id, r.slot, COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.settled_at IS NOT NULL AND (? = 0 OR r.campaign_id = ?)
   AND m.state IN ('planned', 'held', 'queued', 'leased', 'submitting', 'deferred', 'uncertain')
 GROUP BY r.id, r.slot;

-- name: control_that_was_sent
-- I5: whoever is in the control group of a campaign got nothing from it.
SELECT /*! STRAIGHT_JOIN */ x.client_id, x.campaign_id, COUNT(*) FROM runs r
  JOIN messages x /*! FORCE INDEX (messages_by_run) */ ON x.run_id = r.id
 WHERE x.state = 'control' AND (? = 0 OR r.campaign_id = ?)
   AND (x.submitted_at IS NOT NULL OR EXISTS (SELECT 1 FROM messages y /*! FORCE INDEX (client_id) */
        WHERE y.client_id = x.client_id AND y.campaign_id = x.campaign_id AND y.submitted_at IS NOT NULL))
 GROUP BY x.client_id, x.campaign_id;

-- name: submitted_without_content
-- I7: nothing was submitted whose content was not kept. What another system sent is not ours to repeat.
SELECT COUNT(*) FROM campaigns g JOIN runs r ON r.campaign_id = g.id AND g.state <> 'past'
  JOIN messages m ON m.run_id = r.id
  LEFT JOIN message_contents t ON t.message_id = m.id
 WHERE (? = 0 OR r.campaign_id = ?) AND m.submitted_at IS NOT NULL AND t.message_id IS NULL;

-- name: accepted_without_submission
-- I2: no state behind `submitting` without having been there.
SELECT /*! STRAIGHT_JOIN */ COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE (? = 0 OR r.campaign_id = ?)
   AND m.state IN ('submitting', 'accepted', 'delivered', 'bounced', 'uncertain', 'closed_unknown')
   AND (m.submitted_at IS NULL OR m.attempt < 1);

-- name: resent_against_policy
-- I2: only transactional and service messages by e-mail and SMS may be sent once more after `uncertain`. Asking a provider
-- that knows what it has under a key is not sending.
SELECT /*! STRAIGHT_JOIN */ COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE (? = 0 OR r.campaign_id = ?) AND m.resends > 0
   AND m.resends > CASE WHEN r.lane < 2 AND m.channel IN ('email', 'sms') THEN 1 ELSE 0 END
                 + (SELECT COUNT(*) FROM message_events e /*! FORCE INDEX (message_events_by_message) */
                    WHERE e.message_id = m.id AND e.from_state = 'uncertain'
                     AND e.reason LIKE 'asked again:%');

-- name: sent_without_slot
-- I4: a submitted message of a capped class has its slot in the ledger.
SELECT /*! STRAIGHT_JOIN */ COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? AND m.channel = ? AND m.state IN ('submitting', 'accepted', 'delivered', 'uncertain', 'closed_unknown')
   AND NOT EXISTS (SELECT 1 FROM contact_ledger l /*! FORCE INDEX (PRIMARY) */
                    WHERE l.client_id = m.client_id AND l.message_id = m.id);

-- name: ledger_days_over
SELECT l.client_id, l.day, COUNT(*) FROM contact_ledger l WHERE l.class = ?
 GROUP BY l.client_id, l.day HAVING COUNT(*) > ?;

-- name: ledger_weeks_over
SELECT l.client_id, l.week, COUNT(*) FROM contact_ledger l WHERE l.class = ?
 GROUP BY l.client_id, l.week HAVING COUNT(*) > ?;

-- name: ledger_months_over
SELECT l.client_id, l.month, COUNT(*) FROM contact_ledger l WHERE l.class = ?
 GROUP BY l.client_id, l.month HAVING COUNT(*) > ?;

-- name: contacts_not_preferred
-- The mark that says which of a client's contacts is used, against the contacts themselves.
SELECT COUNT(*) FROM contacts k WHERE k.preferred <> CASE WHEN EXISTS (SELECT 1 FROM contacts b /*! FORCE INDEX (PRIMARY) */
   WHERE b.client_id = k.client_id AND b.channel = k.channel AND b.number <> k.number
     AND (b.state <> 'active', b.priority, 1 - b.verified, b.number)
       < (k.state <> 'active', k.priority, 1 - k.verified, k.number)) THEN 0 ELSE 1 END;

-- name: owned_by_nobody
-- Leased or submitting under a dispatcher that ended: the rescue should have taken them.
SELECT COUNT(*) FROM messages m JOIN dispatchers d ON m.fence >= d.id * 16777216 AND m.fence < (d.id + 1) * 16777216
 WHERE m.state IN ('leased', 'submitting') AND d.ended_at IS NOT NULL;

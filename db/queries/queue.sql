-- The message queue: claim, submit, record, rescue. Every change of state names the state it starts from and, once a
-- message is claimed, the fence of the claim: whoever lost the row changes nothing.

-- name: register_dispatcher
INSERT INTO dispatchers (host, process, started_at, alive_until) VALUES (?, ?, ?, ?);

-- name: renew_dispatcher
UPDATE dispatchers SET alive_until = ? WHERE id = ? AND ended_at IS NULL;

-- name: end_dispatcher
UPDATE dispatchers SET ended_at = ? WHERE id = ? AND ended_at IS NULL;

-- name: dispatcher_not_ended @sqlite
SELECT id FROM dispatchers WHERE id = ? AND ended_at IS NULL;

-- name: dispatcher_not_ended @mariadb
-- Shared lock: who wants to take us for dead waits for this transaction, or we for theirs.
SELECT id FROM dispatchers WHERE id = ? AND ended_at IS NULL LOCK IN SHARE MODE;

-- name: dispatchers_not_ended
SELECT id, host, process, alive_until FROM dispatchers WHERE ended_at IS NULL ORDER BY id;

-- name: runs_with_due
-- Runs with something to send now, urgent lanes first. A paused or cancelled campaign is not here, so that a pause
-- works from the commit on. No EXISTS: MariaDB could gather all messages there are to answer it.
SELECT r.id, r.campaign_id, r.lane, r.priority
  FROM runs r JOIN campaigns c ON c.id = r.campaign_id
 WHERE r.settled_at IS NULL AND r.state = 'frozen' AND c.state = 'running'
   AND (SELECT 1 FROM messages m /*! FORCE INDEX (messages_by_run) */ WHERE m.run_id = r.id
         AND m.state IN ('queued', 'deferred', 'held') AND m.due_at <= ? LIMIT 1) IS NOT NULL
 ORDER BY r.lane, r.priority DESC, r.id LIMIT 32;

-- name: next_due
-- When the queue wakes up next. One state at a time, each the first entry of its part of the index.
SELECT MIN((SELECT MIN(m.due_at) FROM messages m /*! FORCE INDEX (messages_by_run) */
             WHERE m.run_id = r.id AND m.state = s.state))
  FROM runs r JOIN campaigns c ON c.id = r.campaign_id
  JOIN (SELECT 'queued' AS state UNION ALL SELECT 'deferred' UNION ALL SELECT 'held') s
 WHERE r.settled_at IS NULL AND r.state = 'frozen' AND c.state = 'running';

-- name: due_messages @sqlite
-- `crashes`: rows that were being composed when a process died are claimed apart, in small groups. In the order of the
-- index (state, due_at): sorting a million rows for a batch of 500 would cost more than the claim.
SELECT id FROM messages
 WHERE run_id = ? AND state IN ('queued', 'deferred', 'held') AND due_at <= ? AND crashes BETWEEN ? AND ?
 LIMIT ?;

-- name: due_messages @mariadb
SELECT id FROM messages
 WHERE run_id = ? AND state IN ('queued', 'deferred', 'held') AND due_at <= ? AND crashes BETWEEN ? AND ?
 LIMIT ? FOR UPDATE SKIP LOCKED;

-- name: claim_messages
UPDATE messages SET state = 'leased', fence = ?
 WHERE id IN (?*) AND state IN ('queued', 'deferred', 'held');

-- name: claimed_messages
SELECT m.id, m.run_id, m.client_id, m.step, m.variant, m.attempt, m.contact, m.contract_id, m.event_id,
       m.due_at, m.send_by, m.channel, m.resends, k.address, c.time_zone, m.left_provider
  FROM messages m JOIN clients c ON c.id = m.client_id LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
 WHERE m.id IN (?*) AND m.fence = ? AND m.state = 'leased';

-- name: release_messages
-- Back to the queue, untouched: the campaign was paused, the program stops.
UPDATE messages SET state = 'queued', fence = NULL WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: hold_messages
UPDATE messages SET state = 'held', reason = ?, due_at = ?, fence = NULL
 WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: close_messages
-- To a final state without having been submitted: skipped, suppressed, expired, failed, quarantined.
UPDATE messages SET state = ?, reason = ?, finished_at = ?, fence = NULL
 WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: leased_of_fence @sqlite
-- What is still ours, before anything is judged: a process that was frozen must not take slots for messages of others.
SELECT id FROM messages WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: leased_of_fence @mariadb
SELECT id FROM messages WHERE id IN (?*) AND state = 'leased' AND fence = ? FOR UPDATE;

-- name: submit_messages
UPDATE messages SET state = 'submitting', reason = NULL, attempt = attempt + 1, submitted_at = ?
 WHERE id IN (?*) AND state = 'leased' AND fence = ?;

-- name: submitting_of_fence
-- After a lost COMMIT: which rows did become `submitting`?
SELECT id FROM messages WHERE id IN (?*) AND fence = ? AND state = 'submitting';

-- name: keep_content @sqlite
INSERT INTO message_contents (message_id, template_id, channel_id, locale, address, composed_at, data, passed_over)
VALUES [[(?, ?, ?, ?, ?, ?, ?, ?)]]
ON CONFLICT (message_id) DO UPDATE SET template_id = excluded.template_id, channel_id = excluded.channel_id,
  locale = excluded.locale, address = excluded.address, composed_at = excluded.composed_at, data = excluded.data,
  passed_over = excluded.passed_over;

-- name: keep_content @mariadb
INSERT INTO message_contents (message_id, template_id, channel_id, locale, address, composed_at, data, passed_over)
VALUES [[(?, ?, ?, ?, ?, ?, ?, ?)]]
ON DUPLICATE KEY UPDATE template_id = VALUES(template_id), channel_id = VALUES(channel_id),
  locale = VALUES(locale), address = VALUES(address), composed_at = VALUES(composed_at), data = VALUES(data),
  passed_over = VALUES(passed_over);

-- name: record_accepted @sqlite
-- A late answer settles `uncertain`.
UPDATE messages SET state = 'accepted', provider_ref = v.ref, finished_at = v.at, units = v.units
  FROM (SELECT column1 AS ref, column2 AS at, column3 AS units, column4 AS id, column5 AS fence
          FROM (VALUES [[(?, ?, ?, ?, ?)]])) v
 WHERE messages.id = v.id AND messages.fence = v.fence AND messages.state IN ('submitting', 'uncertain');

-- name: record_accepted @mariadb
-- The first row matches nothing: it gives the columns their types. Left to parameters, the server would make them as
-- narrow as those of the first execution.
UPDATE messages m
  JOIN (WITH v (ref, at, units, id, fence) AS (VALUES
          (CAST('' AS CHAR(300)), 9223372036854775807, 9223372036854775807, 9223372036854775807, 9223372036854775807),
          [[(?, ?, ?, ?, ?)]])
        SELECT ref, at, units, id, fence FROM v) v
    ON v.id = m.id AND v.fence = m.fence
   SET m.state = 'accepted', m.provider_ref = v.ref, m.finished_at = v.at, m.units = v.units
 WHERE m.state IN ('submitting', 'uncertain');

-- name: record_outcome
-- Everything that is not accepted, one by one: (state, reason, due_at or kept, taken back attempts, finished_at, the
-- account it leaves).
UPDATE messages SET state = ?, reason = ?, due_at = COALESCE(?, due_at), attempt = attempt - ?, finished_at = ?,
       left_provider = ?
 WHERE id = ? AND fence = ? AND state IN ('submitting', 'uncertain');

-- name: insert_message_event
INSERT INTO message_events (message_id, at, from_state, to_state, reason) VALUES [[(?, ?, ?, ?, ?)]];

-- name: in_flight_of_dispatcher
SELECT id, state, crashes FROM messages
 WHERE state IN ('leased', 'submitting') AND fence >= ? AND fence < ? ORDER BY id;

-- name: rescue_leased
-- Nothing was sent: back to the queue. A row that was there at too many deaths is set apart for a person.
UPDATE messages
   SET state = CASE WHEN crashes + 1 >= ? THEN 'quarantined' ELSE 'queued' END,
       reason = CASE WHEN crashes + 1 >= ? THEN 'crashed_repeatedly' ELSE reason END,
       finished_at = CASE WHEN crashes + 1 >= ? THEN ? ELSE NULL END,
       crashes = crashes + 1, fence = NULL
 WHERE id IN (?*) AND state = 'leased';

-- name: rescue_submitting
-- Nobody knows whether it was sent. The fence stays: a late answer may still settle it.
UPDATE messages SET state = 'uncertain', reason = ? WHERE id IN (?*) AND state = 'submitting';

-- name: rescue_unbegun
-- Submitting, but its process was killed before the channel began with it: as if never submitted. One that was alone in
-- hand at too many deaths has failed.
UPDATE messages
   SET state = CASE WHEN crashes + 1 >= ? THEN 'failed' ELSE 'deferred' END, reason = ?,
       finished_at = CASE WHEN crashes + 1 >= ? THEN ? ELSE NULL END,
       crashes = crashes + 1, attempt = attempt - 1, due_at = ?, fence = NULL
 WHERE id IN (?*) AND state = 'submitting';

-- name: uncertain_since
SELECT m.id, m.fence, r.lane, m.resends, m.channel, x.channel_id
  FROM messages m JOIN runs r ON r.id = m.run_id LEFT JOIN message_contents x ON x.message_id = m.id
 WHERE m.run_id = ? AND m.state = 'uncertain' AND m.submitted_at <= ? LIMIT 5000;

-- name: runs_with_uncertain
SELECT r.id FROM runs r WHERE r.settled_at IS NULL
   AND (SELECT 1 FROM messages m /*! FORCE INDEX (messages_by_run) */
         WHERE m.run_id = r.id AND m.state = 'uncertain' LIMIT 1) IS NOT NULL;

-- name: close_uncertain
UPDATE messages SET state = 'closed_unknown', finished_at = ? WHERE id IN (?*) AND state = 'uncertain';

-- name: resend_uncertain
UPDATE messages SET state = 'deferred', resends = resends + 1, due_at = ?, fence = NULL
 WHERE id IN (?*) AND state = 'uncertain';

-- name: set_contact_invalid
UPDATE contacts SET state = 'invalid', updated_at = ? WHERE client_id = ? AND number = ? AND state = 'active';

-- name: ledger_since
SELECT client_id, ordinal, taken_at, day, week, month, message_id FROM contact_ledger
 WHERE client_id IN (?*) AND class = ? AND taken_at > ?;

-- name: ledger_last
SELECT client_id, MAX(ordinal) FROM contact_ledger WHERE client_id IN (?*) AND class = ? GROUP BY client_id;

-- name: insert_ledger
INSERT INTO contact_ledger (client_id, class, ordinal, message_id, taken_at, day, week, month)
VALUES [[(?, ?, ?, ?, ?, ?, ?, ?)]];

-- name: return_ledger @sqlite
-- A definite refusal gives the slot back; accepted and uncertain never do.
DELETE FROM contact_ledger WHERE client_id IN (SELECT client_id FROM messages WHERE id IN (?*))
   AND message_id IN (?*);

-- name: return_ledger @mariadb
DELETE l FROM contact_ledger l JOIN messages m ON m.client_id = l.client_id AND m.id = l.message_id
 WHERE m.id IN (?*) AND l.message_id IN (?*);

-- name: ineligible_messages
-- Who may no longer get it, and why: consent, suppression, contact, looked at in the submitting transaction.
SELECT x.id, x.reason FROM (
  SELECT m.id AS id, {eligibility} AS reason
    FROM messages m JOIN clients c ON c.id = m.client_id
         LEFT JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact
   WHERE m.id IN (?*)) x
 WHERE x.reason IS NOT NULL;

-- name: messages_still_in_segment
SELECT m.id FROM messages m JOIN clients c ON c.id = m.client_id WHERE m.id IN (?*) AND ({predicate});

-- name: campaign_state @sqlite
SELECT state FROM campaigns WHERE id = ?;

-- name: campaign_state @mariadb
-- A pause waits for the looks that have begun: once it has answered, nothing more is submitted.
SELECT state FROM campaigns WHERE id = ? LOCK IN SHARE MODE;

-- name: unsettled_runs
SELECT r.id, r.campaign_id FROM runs r WHERE r.state = 'frozen' AND r.settled_at IS NULL;

-- name: run_has_open
SELECT CASE WHEN EXISTS (SELECT 1 FROM messages WHERE run_id = ? AND state IN
              ('planned', 'held', 'queued', 'leased', 'submitting', 'deferred', 'uncertain')) THEN 1 ELSE 0 END;

-- name: settle_run
UPDATE runs SET settled_at = ? WHERE id = ? AND settled_at IS NULL;

-- name: release_fence
-- After a lost COMMIT: a claim that may have happened and that nobody works on.
UPDATE messages SET state = 'queued', fence = NULL
 WHERE state IN ('leased', 'submitting') AND state = 'leased' AND fence = ?;

-- name: content_of_message
SELECT template_id, channel_id, locale, address, composed_at, data FROM message_contents WHERE message_id = ?;

-- name: unsettled_runs_of
SELECT r.id FROM runs r WHERE r.state = 'frozen' AND r.settled_at IS NULL AND r.campaign_id = ?;

-- header: event_queries
-- Events that campaigns answer at once: looked for many times a second.

-- name: newest_event
SELECT COALESCE(MAX(id), 0) FROM events;

-- name: events_to_answer
-- Events a campaign has not answered yet, in order of time: those of the name it listens to, and those for it alone.
-- The id keeps a look for what has just come from reading all that ever came.
SELECT e.id, e.client_id, e.occurred_at FROM events e
 WHERE e.id > ? AND e.name IN (?, ?) AND e.occurred_at <= ? AND e.received_at >= ?
   AND NOT EXISTS (SELECT 1 FROM event_uses u WHERE u.campaign_id = ? AND u.event_id = e.id)
 ORDER BY e.occurred_at, e.id LIMIT 1000;

-- name: zones_of_clients
SELECT DISTINCT time_zone FROM clients WHERE id IN (?*);

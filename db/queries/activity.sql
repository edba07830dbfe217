-- header: api_queries
-- Opens and clicks of a campaign over time and by link. People's are responses, robots' are kept apart; both are the first
-- of each message, so that the numbers add up to the report's.

-- name: activity_over_time
-- By quarters of an hour: zones lie that far apart. From indexes alone.
SELECT kind, at - at % 900000, '', COUNT(*) FROM responses
 WHERE campaign_id = ? AND kind IN ('open', 'click', 'landing') GROUP BY kind, at - at % 900000
UNION ALL
SELECT kind, at - at % 900000, '', COUNT(*) FROM robot_reactions
 WHERE campaign_id = ? GROUP BY kind, at - at % 900000;

-- name: activity_by_zone
-- The same with the zone each client lives in.
SELECT r.kind, r.at - r.at % 900000, COALESCE(c.time_zone, ''), COUNT(*)
  FROM responses r JOIN clients c ON c.id = r.client_id
 WHERE r.campaign_id = ? AND r.kind IN ('open', 'click', 'landing')
 GROUP BY r.kind, r.at - r.at % 900000, COALESCE(c.time_zone, '')
UNION ALL
SELECT r.kind, r.at - r.at % 900000, COALESCE(c.time_zone, ''), COUNT(*)
  FROM robot_reactions r JOIN clients c ON c.id = r.client_id
 WHERE r.campaign_id = ? GROUP BY r.kind, r.at - r.at % 900000, COALESCE(c.time_zone, '');

-- name: activity_by_link
-- Reads all clicks once: an index by message would cost every one of them.
SELECT e.template_id, e.link, CASE WHEN e.verdict = 'person' THEN 0 ELSE 1 END, COUNT(DISTINCT e.message_id)
  FROM tracking_events e JOIN messages m ON m.id = e.message_id
 WHERE e.link > 0 AND e.verdict IS NOT NULL AND m.campaign_id = ?
 GROUP BY e.template_id, e.link, CASE WHEN e.verdict = 'person' THEN 0 ELSE 1 END;

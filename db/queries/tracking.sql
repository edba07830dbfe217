-- Opens and clicks: facts in batches, judged later.

-- name: insert_tracking_events
INSERT INTO tracking_events (message_id, template_id, link, at, method, network, agent_id)
VALUES [[(?, ?, ?, ?, ?, ?, ?)]];

-- name: insert_tracking_agent @sqlite
INSERT INTO tracking_agents (agent) VALUES (?) ON CONFLICT (agent) DO NOTHING;

-- name: insert_tracking_agent @mariadb
INSERT IGNORE INTO tracking_agents (agent) VALUES (?);

-- name: tracking_agent
SELECT id FROM tracking_agents WHERE agent = ?;

-- name: tracking_first_unjudged
-- By the key and one row: MIN(id) would make MariaDB read all that follow.
SELECT id, at FROM tracking_events WHERE id >= ? AND verdict IS NULL ORDER BY id LIMIT 1;

-- name: tracking_facts
-- A window of events in the order in which they came, with what the rules ask about.
SELECT e.id, e.message_id, e.template_id, e.link, e.at, e.method, e.network, a.agent, m.submitted_at, x.template_id,
       e.verdict
  FROM tracking_events e JOIN tracking_agents a ON a.id = e.agent_id
  LEFT JOIN messages m ON m.id = e.message_id
  LEFT JOIN message_contents x ON x.message_id = e.message_id
 WHERE e.id >= ? ORDER BY e.id LIMIT ?;

-- name: set_tracking_verdict
UPDATE tracking_events SET verdict = ? WHERE id IN (?*);

-- name: insert_tracking_responses @sqlite
-- The first open and the first click of each message by a person are responses.
INSERT INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at, detail)
SELECT 'tracking', CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END || ':' || e.message_id, m.client_id, m.campaign_id,
       m.id, CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END, MIN(e.at), NULL
  FROM tracking_events e JOIN messages m ON m.id = e.message_id
 WHERE e.id IN (?*) AND e.verdict = 'person'
 GROUP BY e.message_id, m.client_id, m.campaign_id, m.id, CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END
ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_tracking_responses @mariadb
INSERT IGNORE INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at, detail)
SELECT 'tracking', CONCAT(CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END, ':', e.message_id), m.client_id,
       m.campaign_id, m.id, CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END, MIN(e.at), NULL
  FROM tracking_events e JOIN messages m ON m.id = e.message_id
 WHERE e.id IN (?*) AND e.verdict = 'person'
 GROUP BY e.message_id, m.client_id, m.campaign_id, m.id, CASE WHEN e.link = 0 THEN 'open' ELSE 'click' END;

-- name: insert_robot_reactions @sqlite
-- Robots' opens and clicks are counted too, apart from people's.
INSERT INTO robot_reactions (campaign_id, kind, message_id, client_id, at)
SELECT m.campaign_id, CASE WHEN e.link = 0 THEN 'robot_open' ELSE 'robot_click' END, m.id, m.client_id, MIN(e.at)
  FROM tracking_events e JOIN messages m ON m.id = e.message_id WHERE e.id IN (?*)
 GROUP BY m.campaign_id, CASE WHEN e.link = 0 THEN 'robot_open' ELSE 'robot_click' END, m.id, m.client_id
ON CONFLICT (campaign_id, kind, message_id) DO NOTHING;

-- name: insert_robot_reactions @mariadb
INSERT IGNORE INTO robot_reactions (campaign_id, kind, message_id, client_id, at)
SELECT m.campaign_id, CASE WHEN e.link = 0 THEN 'robot_open' ELSE 'robot_click' END, m.id, m.client_id, MIN(e.at)
  FROM tracking_events e JOIN messages m ON m.id = e.message_id WHERE e.id IN (?*)
 GROUP BY m.campaign_id, CASE WHEN e.link = 0 THEN 'robot_open' ELSE 'robot_click' END, m.id, m.client_id;

-- name: delete_refuted_robots @sqlite
-- After judging everything again. Looks through all events once: an index by message would cost every open and click.
DELETE FROM robot_reactions WHERE (message_id, kind) NOT IN (
    SELECT message_id, CASE WHEN link = 0 THEN 'robot_open' ELSE 'robot_click' END FROM tracking_events
     WHERE verdict <> 'person');

-- name: delete_refuted_robots @mariadb
-- Joined, for a NOT IN of a DELETE may look through all events for each row.
DELETE r FROM robot_reactions r LEFT JOIN (SELECT DISTINCT message_id,
         CASE WHEN link = 0 THEN 'robot_open' ELSE 'robot_click' END AS kind FROM tracking_events
         WHERE verdict <> 'person') e ON e.message_id = r.message_id AND e.kind = r.kind
 WHERE e.message_id IS NULL;

-- name: delete_refuted_responses @sqlite
-- Responses that no person's event stands behind any more.
DELETE FROM responses WHERE source = 'tracking' AND (message_id, kind) NOT IN (
    SELECT message_id, CASE WHEN link = 0 THEN 'open' ELSE 'click' END FROM tracking_events WHERE verdict = 'person');

-- name: delete_refuted_responses @mariadb
DELETE r FROM responses r LEFT JOIN (SELECT DISTINCT message_id, CASE WHEN link = 0 THEN 'open' ELSE 'click' END AS kind
         FROM tracking_events WHERE verdict = 'person') e ON e.message_id = r.message_id AND e.kind = r.kind
 WHERE r.source = 'tracking' AND r.message_id IS NOT NULL AND e.message_id IS NULL;

-- name: tracking_counts
SELECT CASE WHEN link = 0 THEN 'open' ELSE 'click' END, COALESCE(verdict, 'waiting'), COUNT(*)
  FROM tracking_events GROUP BY 1, 2 ORDER BY 1, 2;

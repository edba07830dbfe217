-- Plans against fact, and the tasks of managers that come of it.

-- name: store_plan_check @sqlite
-- The last comparison of a day stays; what was told that day stays told.
INSERT INTO plan_checks (campaign_id, figure, day, planned, expected, fact, told) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (campaign_id, figure, day) DO UPDATE SET planned = excluded.planned, expected = excluded.expected,
       fact = excluded.fact, told = MAX(plan_checks.told, excluded.told);

-- name: store_plan_check @mariadb
INSERT INTO plan_checks (campaign_id, figure, day, planned, expected, fact, told) VALUES (?, ?, ?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE planned = VALUES(planned), expected = VALUES(expected), fact = VALUES(fact),
       told = GREATEST(told, VALUES(told));

-- name: plan_figures_told
SELECT figure FROM plan_checks WHERE campaign_id = ? AND told = 1;

-- name: plan_checked_on
SELECT COUNT(*) FROM plan_checks WHERE campaign_id = ? AND day = ?;

-- name: plan_campaigns
-- Campaigns that have begun and that somebody may still learn from.
SELECT name FROM campaigns WHERE state IN ('running', 'paused', 'past', 'cancelled') ORDER BY id;

-- name: insert_task @sqlite
INSERT INTO manager_tasks (kind, manager, client_id, campaign_id, message_id, text, created_at, unique_key)
VALUES (?, ?, ?, ?, NULL, ?, ?, ?) ON CONFLICT (unique_key) DO NOTHING;

-- name: insert_task @mariadb
INSERT IGNORE INTO manager_tasks (kind, manager, client_id, campaign_id, message_id, text, created_at, unique_key)
VALUES (?, ?, ?, ?, NULL, ?, ?, ?);

-- name: list_tasks
SELECT t.id, t.kind, COALESCE(t.manager, ''), COALESCE(c.external_id, ''), COALESCE(g.name, ''), t.text, t.created_at,
       COALESCE(t.done_at, 0)
  FROM manager_tasks t LEFT JOIN clients c ON c.id = t.client_id LEFT JOIN campaigns g ON g.id = t.campaign_id
 WHERE (? = 1 OR t.done_at IS NULL) AND (? = '' OR t.manager = ?) ORDER BY t.id LIMIT ?;

-- name: task_is_open
SELECT CASE WHEN done_at IS NULL THEN 1 ELSE 0 END FROM manager_tasks WHERE id = ?;

-- name: finish_task
UPDATE manager_tasks SET done_at = ? WHERE id = ? AND done_at IS NULL;

-- name: store_client_plans @sqlite
INSERT INTO client_figures (period, metric, detail, currency, client_id, planned_minor, limit_parts)
VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (period, metric, detail, currency, client_id) DO UPDATE SET planned_minor = excluded.planned_minor,
       limit_parts = excluded.limit_parts, judged = 0;

-- name: store_client_plans @mariadb
INSERT INTO client_figures (period, metric, detail, currency, client_id, planned_minor, limit_parts)
VALUES [[ (?, ?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE planned_minor = VALUES(planned_minor), limit_parts = VALUES(limit_parts), judged = 0;

-- name: store_client_facts @sqlite
INSERT INTO client_figures (period, metric, detail, currency, client_id, fact_minor) VALUES [[ (?, ?, ?, ?, ?, ?) ]]
ON CONFLICT (period, metric, detail, currency, client_id) DO UPDATE SET fact_minor = excluded.fact_minor, judged = 0;

-- name: store_client_facts @mariadb
INSERT INTO client_figures (period, metric, detail, currency, client_id, fact_minor) VALUES [[ (?, ?, ?, ?, ?, ?) ]]
ON DUPLICATE KEY UPDATE fact_minor = VALUES(fact_minor), judged = 0;

-- name: figures_to_judge
SELECT f.period, f.metric, f.detail, f.currency, f.client_id, c.external_id, COALESCE(c.manager, ''), f.planned_minor,
       f.fact_minor, f.limit_parts, COALESCE(f.told_at, 0)
  FROM client_figures f JOIN clients c ON c.id = f.client_id
 WHERE f.judged = 0 AND f.planned_minor IS NOT NULL AND f.fact_minor IS NOT NULL
 ORDER BY f.period, f.metric, f.detail, f.currency, f.client_id LIMIT ?;

-- name: mark_figure
UPDATE client_figures SET judged = 1, told_at = COALESCE(told_at, ?)
 WHERE period = ? AND metric = ? AND detail = ? AND currency = ? AND client_id = ? AND judged = 0;

-- name: figures_of_period
-- Plans and facts with the properties of the client they are grouped by.
SELECT f.period, f.metric, f.detail, f.currency, f.client_id, c.external_id, COALESCE(c.manager, ''),
       COALESCE(c.branch, ''), COALESCE(c.industry, ''), c.value_class, f.planned_minor, f.fact_minor, f.limit_parts
  FROM client_figures f JOIN clients c ON c.id = f.client_id
 WHERE f.period >= ? AND f.period <= ? ORDER BY f.period, f.metric, f.detail, f.currency, f.client_id;

-- name: figures_of_client
SELECT period, metric, detail, currency, planned_minor, fact_minor FROM client_figures WHERE client_id = ?
 ORDER BY period DESC, metric, detail, currency LIMIT 60;

-- name: members_on
-- Who was in which segment on a day.
SELECT client_id, value FROM client_history WHERE subject = ? AND from_on <= ? AND to_on > ? ORDER BY client_id, value;

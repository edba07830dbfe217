-- header: api_queries
-- name: api_is_suppressed
-- Whether an address is never to be written to by this channel, whatever for.
SELECT 1 FROM suppressions WHERE subject = 'address' AND value = ? AND channel IN (?, '*') LIMIT 1;

-- name: launch_of
SELECT takes_effect_at FROM campaign_launches WHERE campaign_id = ?;

-- name: insert_launch
INSERT INTO campaign_launches (campaign_id, actor, asked_at, takes_effect_at) VALUES (?, ?, ?, ?);

-- name: delete_launch
DELETE FROM campaign_launches WHERE campaign_id = ?;

-- name: due_launches
SELECT l.campaign_id, l.actor, c.name FROM campaign_launches l JOIN campaigns c ON c.id = l.campaign_id
 WHERE l.takes_effect_at <= ? ORDER BY l.campaign_id;

-- name: forget_approval
DELETE FROM campaign_approvals WHERE campaign_id = ?;

-- name: insert_approval
INSERT INTO campaign_approvals (campaign_id, document_id, actor, hash, at) VALUES (?, ?, ?, ?, ?);

-- name: last_approval
SELECT document_id, actor, hash, at FROM campaign_approvals WHERE campaign_id = ?;

-- name: plan_deviations
-- What campaigns under way deviate from their plans in, newest first: the tasks that the comparison made.
SELECT g.name, t.text, t.created_at FROM manager_tasks t JOIN campaigns g ON g.id = t.campaign_id
 WHERE t.kind = 'plan' AND t.done_at IS NULL ORDER BY t.id DESC LIMIT ?;

-- name: all_runs_settled
-- 1 when a campaign has run and none of its runs has anything left to do.
SELECT CASE WHEN COUNT(*) > 0 AND COUNT(*) = COUNT(settled_at) THEN 1 ELSE 0 END FROM runs r
  JOIN campaigns g ON g.id = r.campaign_id WHERE g.name = ?;

-- header: progress_queries
-- How a campaign goes, channel by channel.

-- name: progress_sent_since
SELECT m.channel, COUNT(*) FROM messages m JOIN runs r ON r.id = m.run_id
 WHERE r.campaign_id = ? AND m.submitted_at >= ? GROUP BY m.channel;

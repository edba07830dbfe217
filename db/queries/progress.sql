-- header: progress_queries
-- How a campaign goes, channel by channel.

-- name: progress_sent_since
SELECT /*! STRAIGHT_JOIN */ m.channel, COUNT(*)
  FROM runs r JOIN messages m /*! FORCE INDEX (messages_by_run) */ ON m.run_id = r.id
 WHERE r.campaign_id = ? AND m.submitted_at >= ? GROUP BY m.channel;

-- Which settings a message went out with, without its data: what providers carried is counted over millions of messages,
-- and their merge data is twenty times as large.
CREATE INDEX message_contents_by_channel ON message_contents (message_id, channel_id);

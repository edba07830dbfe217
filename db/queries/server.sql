-- The HTTP server: is the database there, and how many messages are where.

-- name: server_ping
SELECT id FROM instance;

-- name: server_message_counts
SELECT channel, state, COUNT(*) FROM messages GROUP BY channel, state ORDER BY channel, state;

-- The HTTP server: is the database there, and how many messages are where.

-- name: server_ping
SELECT id FROM instance;

-- name: server_message_counts
SELECT channel, state, COUNT(*) FROM messages GROUP BY channel, state ORDER BY channel, state;

-- name: call_result_of
SELECT message_id FROM call_results WHERE source = ? AND external_id = ?;

-- name: insert_call_result @sqlite
INSERT INTO call_results (source, external_id, message_id, disposition, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, external_id) DO NOTHING;

-- name: insert_call_result @mariadb
INSERT IGNORE INTO call_results (source, external_id, message_id, disposition, received_at, raw)
VALUES (?, ?, ?, ?, ?, ?);
